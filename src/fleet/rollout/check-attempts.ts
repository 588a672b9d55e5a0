import type { ClusterRef } from '../../core/cluster.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { CompiledCheck } from '../../engine/program/compiled.ts';
import type { CheckMoment } from '../../playbook/rollout/rollout-model.ts';

/** When a check is asked, and how often. */
export type CheckTimes = Pick<CompiledCheck, 'name' | 'at' | 'retries' | 'delayMs'>;

/** What a check is told of the cluster that it is asked for. */
export interface CheckedCluster {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly at: CheckMoment;
}

/** What checks say of a cluster. `given up`: nobody waits any more, and the last answer was no good one. Reasons are clauses. */
export type Verdict = { readonly kind: 'passed' } | { readonly kind: 'failed' | 'given up'; readonly reason: string };

/** One check of one cluster, from its first attempt to its verdict, and what is reported of it. */
export class CheckAttempts {
  readonly #check: CheckTimes;
  readonly #play: string;
  readonly #cluster: CheckedCluster;
  readonly #emit: EventSink;
  #attempt = 0;
  /** Why it did not pass the last time. */
  #last: string | undefined;

  constructor(check: CheckTimes, play: string, cluster: CheckedCluster, emit: EventSink) {
    this.#check = check;
    this.#play = play;
    this.#cluster = cluster;
    this.#emit = emit;
  }

  /**
   * Takes the answer of the next attempt. @param reason why it does not pass @param isOver nobody waits any more
   * @returns undefined when it is to be asked again
   */
  take(reason: string | undefined, isOver: boolean): Verdict | undefined {
    this.#attempt += 1;
    if (reason === undefined) {
      this.#report('passed');
      return { kind: 'passed' };
    }
    const isNews = reason !== this.#last;
    this.#last = reason;
    if (isOver) return this.giveUp();
    if (this.#attempt > this.#check.retries) return this.#end('failed', reason);
    if (isNews) this.#report('waiting', reason);
    return undefined;
  }

  /** Nobody waits for it any more: it is not even asked. */
  skip(): Verdict {
    return { kind: 'given up', reason: this.#last ?? `check '${this.#check.name}' did not run` };
  }

  /** It did not pass, and is not asked again, although it might be. Of a cluster that was not begun that is no event. */
  giveUp(): Verdict {
    return this.#end('given up', this.#last ?? '');
  }

  #end(kind: 'failed' | 'given up', reason: string): Verdict {
    if (kind === 'failed' || this.#cluster.at === 'after') this.#report('failed', reason);
    return { kind, reason: `check '${this.#check.name}' failed: ${reason}` };
  }

  #report(outcome: 'passed' | 'waiting' | 'failed', reason?: string): void {
    const { name, at } = this.#cluster;
    const cluster: ClusterRef = { kind: 'declared', name };
    this.#emit({
      type: 'cluster-check',
      play: this.#play,
      cluster,
      check: this.#check.name,
      at,
      of: this.#check.retries + 1,
      outcome,
      attempt: this.#attempt,
      ...(reason !== undefined && { reason }),
    });
  }
}
