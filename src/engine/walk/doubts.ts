import type { Conditions } from './request.ts';

/** Why it is uncertain, in a plan, that hosts reach the next node. */
export class Doubts {
  static readonly none = new Doubts(new Map(), new Set());
  /** The reason for each host that may not reach it. */
  readonly conditions: Conditions;
  /** Hosts among them whose only doubt is that they may have ended before (`end_host`). */
  readonly #mayHaveEnded: ReadonlySet<string>;

  private constructor(conditions: Conditions, mayHaveEnded: ReadonlySet<string>) {
    this.conditions = conditions;
    this.#mayHaveEnded = mayHaveEnded;
  }

  /** Whether a host either reaches the next node or has ended before it. */
  comesOrHasEnded(host: string): boolean {
    return !this.conditions.has(host) || this.#mayHaveEnded.has(host);
  }

  /** These doubts and one more, for some hosts. */
  doubting(hosts: Iterable<string>, why: string): Doubts {
    return this.#with(hosts, why, () => false);
  }

  /** These doubts, and that some hosts may end here. */
  ending(hosts: Iterable<string>, why: string): Doubts {
    return this.#with(hosts, why, (host) => this.comesOrHasEnded(host));
  }

  /**
   * The doubts behind a part that hosts reached only perhaps: their reason for it is over, but they may have ended in it.
   * @param why the reason that `doubting` added before the part
   * @param before the doubts as they were then
   */
  settled(hosts: readonly string[], why: string, before: Doubts): Doubts {
    const conditions = new Map(this.conditions);
    const mayHaveEnded = new Set(this.#mayHaveEnded);
    for (const host of hosts) {
      if (conditions.get(host) === why) {
        const earlier = before.conditions.get(host);
        if (earlier === undefined) conditions.delete(host);
        else conditions.set(host, earlier);
      }
      if (before.comesOrHasEnded(host)) mayHaveEnded.add(host);
    }
    return new Doubts(conditions, mayHaveEnded);
  }

  #with(hosts: Iterable<string>, why: string, mayOnlyHaveEnded: (host: string) => boolean): Doubts {
    const conditions = new Map(this.conditions);
    const mayHaveEnded = new Set(this.#mayHaveEnded);
    for (const host of hosts) {
      if (mayOnlyHaveEnded(host)) mayHaveEnded.add(host);
      else mayHaveEnded.delete(host);
      conditions.set(host, why);
    }
    return new Doubts(conditions, mayHaveEnded);
  }
}
