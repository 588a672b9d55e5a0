/** What happens on real clusters, and what must come of it. */
export interface Scenario {
  readonly name: string;
  /** Goes down when no later scenario is about it. */
  readonly cluster: string;
  /** Small enough to be run each time. */
  readonly ci: boolean;
  /** A scenario before it, by the beginning of its name, whose cluster it goes on with. */
  readonly needs?: string;
  /** The Kubernetes version that it is about; absent: whichever is asked for. */
  readonly version?: string;
  /** The first minor version of Kubernetes that has what it is about. */
  readonly since?: number;
  run(context: Context): Promise<void>;
}

export interface Context {
  readonly version: string;
  /** A cluster that an earlier call has kept may be gone on with, from its snapshot. */
  readonly reuse: boolean;
}
