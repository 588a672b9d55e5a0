import type { Conditions } from './request.ts';

/** Why it is not certain that hosts come to what is next. */
export class Doubts {
  static readonly none = new Doubts(new Map(), new Set());
  /** What is said of each host of which it is not. */
  readonly conditions: Conditions;
  /** The hosts that come to what is next unless they have ended before: nothing else is open. */
  readonly #mayHaveEnded: ReadonlySet<string>;

  private constructor(conditions: Conditions, mayHaveEnded: ReadonlySet<string>) {
    this.conditions = conditions;
    this.#mayHaveEnded = mayHaveEnded;
  }

  /** A host comes to what is next, or has ended before. */
  comesOrHasEnded(host: string): boolean {
    return !this.conditions.has(host) || this.#mayHaveEnded.has(host);
  }

  /** With a further reason. */
  doubting(hosts: Iterable<string>, why: string): Doubts {
    return this.#with(hosts, why, () => false);
  }

  /** With hosts that may end here. */
  ending(hosts: Iterable<string>, why: string): Doubts {
    return this.#with(hosts, why, (host) => this.comesOrHasEnded(host));
  }

  /** Behind what hosts came to only perhaps, for a reason: of those that may have ended in it, that stays open. */
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
