import type { HostRecap } from '../../core/events/recap.ts';
import type { TaskOutcome } from '../../core/events/task.ts';

/** How many tasks of a host have ended in which way. */
export class TaskCounts {
  readonly #byOutcome: Record<TaskOutcome, number> = {
    ok: 0,
    changed: 0,
    skipped: 0,
    ignored: 0,
    failed: 0,
    unreachable: 0,
    refused: 0,
    cancelled: 0,
  };
  #changedIgnored = 0;
  #rescued = 0;

  add(outcome: TaskOutcome): void {
    this.#byOutcome[outcome] += 1;
  }

  /** Adds an ignored failure; if the task has changed something, it also counts as changed. */
  addIgnored(hasChanged: boolean): void {
    this.add('ignored');
    if (hasChanged) this.#changedIgnored += 1;
  }

  /** Adds failed tasks that a rescue has caught. */
  addRescued(tasks: number): void {
    this.#rescued += tasks;
  }

  /** The counts as in a recap: what changed something or was ignored counts as `ok` too. */
  recap(): Pick<HostRecap, Exclude<TaskOutcome, 'cancelled'> | 'rescued'> {
    const { ok, changed, unreachable, failed, skipped, ignored, refused } = this.#byOutcome;
    return {
      ok: ok + changed + ignored,
      changed: changed + this.#changedIgnored,
      unreachable,
      failed,
      skipped,
      ignored,
      refused,
      rescued: this.#rescued,
    };
  }
}
