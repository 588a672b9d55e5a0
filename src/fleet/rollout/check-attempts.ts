import type { ClusterRef } from '../../core/cluster.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { CompiledCheck } from '../../engine/program/compiled.ts';
import type { CheckMoment } from '../../playbook/rollout/rollout-model.ts';

/** When a check runs, and how often. */
export type CheckTimes = Pick<CompiledCheck, 'name' | 'at' | 'retries' | 'delayMs'>;

/** The cluster that a check is about. */
export interface CheckedCluster {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly at: CheckMoment;
}

/** The result of the checks of a cluster. `given up`: waiting ended before the last check passed. Reasons are clauses. */
export type CheckVerdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed' | 'given up'; readonly reason: string };

/** One check of one cluster, from its first attempt to its verdict, with the events about it. */
export class CheckAttempts {
  readonly #check: CheckTimes;
  readonly #play: string;
  readonly #cluster: CheckedCluster;
  readonly #emit: EventSink;
  #attempt = 0;
  /** Why the last attempt did not pass. */
  #last: string | undefined;

  constructor(check: CheckTimes, play: string, cluster: CheckedCluster, emit: EventSink) {
    this.#check = check;
    this.#play = play;
    this.#cluster = cluster;
    this.#emit = emit;
  }

  /**
   * Records the next attempt. @param reason why it did not pass @param isOver no further attempt is possible
   * @returns undefined when the check has to run again
   */
  record(reason: string | undefined, isOver: boolean): CheckVerdict | undefined {
    this.#attempt += 1;
    if (reason === undefined) {
      this.#report('passed');
      return { kind: 'passed' };
    }
    const isNew = reason !== this.#last;
    this.#last = reason;
    if (isOver) return this.giveUp();
    if (this.#attempt > this.#check.retries) return this.#end('failed', reason);
    if (isNew) this.#report('waiting', reason);
    return undefined;
  }

  /** Waiting has ended before the next attempt, most often the first: there is nothing to report. */
  skip(): CheckVerdict {
    return { kind: 'given up', reason: this.#last ?? `check '${this.#check.name}' did not run` };
  }

  /** Ends the attempts although the check might still pass. No event for a cluster that was not started. */
  giveUp(): CheckVerdict {
    return this.#end('given up', this.#last ?? '');
  }

  #end(kind: 'failed' | 'given up', reason: string): CheckVerdict {
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
