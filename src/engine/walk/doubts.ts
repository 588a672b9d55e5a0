import type { Conditions, Doubt } from './request.ts';

/** The doubt about what only runs if a block fails. */
export function ifFails({ name }: { readonly name: string }): Doubt {
  return { why: `only if a task of '${name}' fails`, isOfFailure: true };
}

/** The doubt about what is included, or ends, under a condition. */
export function ifHolds(name: string): Doubt {
  return { why: `only if the condition of '${name}' holds` };
}

/** The doubt about what runs once. */
export function ifNotRun(what: string): Doubt {
  return { why: `only if ${what} has not run before` };
}

/** The doubt about what lies behind another one as well: behind a failure, or past an end, whatever else it depends on. */
function behind({ isOfFailure, isPastEnd }: Partial<Doubt> = {}, doubt: Doubt): Doubt {
  return { ...doubt, ...(isOfFailure && { isOfFailure }), ...(isPastEnd && { isPastEnd }) };
}

/** Why a plan cannot be certain that hosts reach the next node. */
export class Doubts {
  static readonly none = new Doubts(new Map(), new Set(), undefined);
  /** For each host that may not reach it. */
  readonly conditions: Conditions;
  /** Those of them whose only doubt is that they may have ended before (`end_host`). */
  readonly #mayHaveEnded: ReadonlySet<string>;
  /** Why the play may have ended, so that no further batch begins. */
  readonly #ofPlay: Doubt | undefined;

  private constructor(conditions: Conditions, mayHaveEnded: ReadonlySet<string>, ofPlay: Doubt | undefined) {
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

  /** Those about a task that some of the hosts reach only under further conditions. */
  and(more: Conditions): Conditions {
    const added = [...more].map(([host, doubt]) => [host, behind(this.conditions.get(host), doubt)] as const);
    return new Map([...this.conditions, ...added]);
  }

  /** Adds a doubt for some hosts. */
  doubting(hosts: Iterable<string>, doubt: Doubt): Doubts {
    return this.#with(hosts, doubt, () => false);
  }

  /** Adds that some hosts may end here. */
  ending(hosts: Iterable<string>, doubt: Doubt): Doubts {
    return this.#with(hosts, doubt, (host) => this.reachesOrHasEnded(host));
  }

  /** Adds that the play may end here, for these hosts and those of later batches. */
  endingPlay(hosts: Iterable<string>, doubt: Doubt): Doubts {
    const ended = this.ending(hosts, doubt);
    return new Doubts(ended.conditions, ended.#mayHaveEnded, behind(this.#ofPlay, doubt));
  }

  /**
   * The doubts after a part that hosts may have skipped: the doubt about reaching it no longer applies, but they may have ended
   * in it.
   * @param doubt what `doubting` added before the part
   * @param before the doubts at that time
   */
  settled(hosts: readonly string[], { why }: Doubt, before: Doubts): Doubts {
    const conditions = new Map(this.conditions);
    const mayHaveEnded = new Set(this.#mayHaveEnded);
    for (const host of hosts) {
      if (conditions.get(host)?.why === why) {
        const earlier = before.conditions.get(host);
        if (earlier === undefined) conditions.delete(host);
        else conditions.set(host, earlier);
      }
      if (before.reachesOrHasEnded(host)) mayHaveEnded.add(host);
    }
    return new Doubts(conditions, mayHaveEnded, this.#ofPlay);
  }

  #with(hosts: Iterable<string>, doubt: Doubt, mayOnlyHaveEnded: (host: string) => boolean): Doubts {
    const conditions = new Map(this.conditions);
    const mayHaveEnded = new Set(this.#mayHaveEnded);
    for (const host of hosts) {
      if (mayOnlyHaveEnded(host)) mayHaveEnded.add(host);
      else mayHaveEnded.delete(host);
      conditions.set(host, behind(conditions.get(host), doubt));
    }
    return new Doubts(conditions, mayHaveEnded, this.#ofPlay);
  }
}
