import type { Conditions } from './request.ts';

/** The doubt about what only runs if a block fails. */
export function ifFails({ name }: { readonly name: string }): string {
  return `only if a task of '${name}' fails`;
}

/** The doubt about what is included, or ends, under a condition. */
export function ifHolds(name: string): string {
  return `only if the condition of '${name}' holds`;
}

/** Why a plan cannot be certain that hosts reach the next node. */
export class Doubts {
  static readonly none = new Doubts(new Map(), new Set(), undefined);
  /** The reason, for each host that may not reach it. */
  readonly conditions: Conditions;
  /** Those of them whose only doubt is that they may have ended before (`end_host`). */
  readonly #mayHaveEnded: ReadonlySet<string>;
  /** Why the play may have ended, so that no further batch begins. */
  readonly #ofPlay: string | undefined;

  private constructor(conditions: Conditions, mayHaveEnded: ReadonlySet<string>, ofPlay: string | undefined) {
    this.conditions = conditions;
    this.#mayHaveEnded = mayHaveEnded;
    this.#ofPlay = ofPlay;
  }

  /** The doubts at the beginning of a batch, behind these. */
  ofBatch(hosts: Iterable<string>): Doubts {
    return this.#ofPlay === undefined ? Doubts.none : Doubts.none.endingPlay(hosts, this.#ofPlay);
  }

  /** Whether the host is certain to reach the next node, unless it has ended before. */
  reachesOrHasEnded(host: string): boolean {
    return !this.conditions.has(host) || this.#mayHaveEnded.has(host);
  }

  /** Adds a doubt for some hosts. */
  doubting(hosts: Iterable<string>, why: string): Doubts {
    return this.#with(hosts, why, () => false);
  }

  /** Adds that some hosts may end here. */
  ending(hosts: Iterable<string>, why: string): Doubts {
    return this.#with(hosts, why, (host) => this.reachesOrHasEnded(host));
  }

  /** Adds that the play may end here, for these hosts and those of later batches. */
  endingPlay(hosts: Iterable<string>, why: string): Doubts {
    const ended = this.ending(hosts, why);
    return new Doubts(ended.conditions, ended.#mayHaveEnded, why);
  }

  /**
   * The doubts after a part that hosts may have skipped: the doubt about reaching it no longer applies, but they may have ended
   * in it.
   * @param why the reason that `doubting` added before the part
   * @param before the doubts at that time
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
      if (before.reachesOrHasEnded(host)) mayHaveEnded.add(host);
    }
    return new Doubts(conditions, mayHaveEnded, this.#ofPlay);
  }

  #with(hosts: Iterable<string>, why: string, mayOnlyHaveEnded: (host: string) => boolean): Doubts {
    const conditions = new Map(this.conditions);
    const mayHaveEnded = new Set(this.#mayHaveEnded);
    for (const host of hosts) {
      if (mayOnlyHaveEnded(host)) mayHaveEnded.add(host);
      else mayHaveEnded.delete(host);
      conditions.set(host, why);
    }
    return new Doubts(conditions, mayHaveEnded, this.#ofPlay);
  }
}
