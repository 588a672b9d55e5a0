/** What happens on real clusters, and what must come of it. */
export interface Scenario {
  readonly name: string;
  /** Small enough to be run each time. */
  readonly ci: boolean;
  /** A scenario before it, by the beginning of its name, whose cluster it goes on with. */
  readonly needs?: string;
  run(context: { readonly version: string }): Promise<void>;
}
