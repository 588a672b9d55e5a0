import type { HostStop } from '../../core/events/recap.ts';
import type { TaskOutcome } from '../../core/events/task.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Change, TaskPlan } from '../../core/plan.ts';
import type { StepFailure } from '../../core/step.ts';
import { changesOf } from '../plan/changes.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { visibleChanges, visibleText } from '../program/no-log.ts';
import { isAlways } from '../program/settings.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { Verdict } from '../walk/request.ts';
import { effectOf } from './effect.ts';
import type { HostRun } from './host-run.ts';
import type { EndDetails, TaskReport } from './task-report.ts';
import type { ExecutionTools } from './tools.ts';

/** Ends one task on one host. Its end is reported exactly once, and its changes are added to those of the host. */
export class TaskEnding {
  readonly #task: CompiledTask;
  readonly #host: HostRun;
  readonly #report: TaskReport;
  readonly #tools: Pick<ExecutionTools, 'journal'>;
  readonly #done: Change[] = [];
  #isOver = false;
  #verdict: Verdict = 'ok';

  constructor(task: CompiledTask, host: HostRun, report: TaskReport, tools: Pick<ExecutionTools, 'journal'>) {
    this.#task = task;
    this.#host = host;
    this.#report = report;
    this.#tools = tools;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The verdict for the walk; `ok` for an ignored failure. */
  get verdict(): Verdict {
    return this.#verdict;
  }

  /** What has been changed so far. */
  get done(): readonly Change[] {
    return this.#done;
  }

  /** Records that these changes have been made. A change that several attempts make counts once. */
  addDone(changes: readonly Change[]): void {
    this.#done.push(...changes.filter((change) => !this.#done.includes(change)));
  }

  /** Adds what has been changed so far to the changes of the host. */
  keepChanges(): void {
    this.#host.changes.add(visibleChanges(this.#task, this.#done));
  }

  /** Ends the task; the host goes on to the next one. */
  end(outcome: TaskOutcome, reason: string, more: EndDetails = {}): void {
    this.#host.counts.add(outcome);
    this.#conclude(outcome, reason, more);
  }

  /** Ends the task and takes the host out of the play. */
  leave(why: HostStop['why'], reason: string, more: EndDetails = {}): void {
    this.#host.leave(why, this.#task.ref);
    this.#conclude(why, reason, more);
  }

  /** The same for a task in progress: its changes so far stay on record. */
  cutShort(why: HostStop['why'], reason: string, remedy?: string): void {
    this.keepChanges();
    this.leave(why, reason, remedy === undefined ? {} : { remedy });
  }

  /**
   * Ends the task as failed, or as ignored if `ignore_errors` says so for everything that has failed.
   * @param plan its plan: a later task may still make its changes
   * @param failedCalls the calls that have failed; all, if it is not known which
   */
  async failedOrIgnored(
    failure: StepFailure,
    result: JsonObject,
    plan: TaskPlan,
    failedCalls: readonly TaskCall[],
  ): Promise<void> {
    const plannedChanges = changesOf(plan);
    // What cannot be planned has no calls of which templates could tell.
    const isIgnored =
      failedCalls.length > 0
        ? failedCalls.every(({ ignoresErrors }) => ignoresErrors)
        : isAlways(this.#task.ignoreErrors);
    if (!isIgnored) return this.failed(failure, result, plannedChanges);
    this.keepChanges();
    this.#host.leavePartlyChanged(plannedChanges, effectOf(this.#task));
    this.#host.counts.addIgnored(result['changed'] === true);
    this.#host.passOver();
    this.#conclude('ignored', failure.message, { details: failure.details });
  }

  /** Ends the task of an unreachable host that goes on (`ignore_unreachable`). @param plannedChanges the changes of the plan */
  ignoredUnreachable(why: string, plannedChanges: readonly Change[]): void {
    this.keepChanges();
    this.#host.leavePartlyChanged(plannedChanges, effectOf(this.#task));
    this.#host.counts.addIgnored(this.#done.length > 0);
    this.#host.passOver();
    this.#conclude('ignored', `it cannot be reached: ${why}`, {});
  }

  /** Ends the task as failed, even with `ignore_errors`; a rescue may still catch it. */
  async failed(failure: StepFailure, result: JsonObject, plannedChanges: readonly Change[]): Promise<void> {
    this.keepChanges();
    const reason = visibleText(this.#task, failure.message);
    const { name: host, changes } = this.#host;
    const isUnchanged = changes.made.length === 0 && !changes.mayBePartial;
    const entry = { type: 'failed', host, task: this.#task.ref.name, reason } as const;
    await this.#tools.journal.write({ ...entry, ...(isUnchanged && { unchanged: true }) });
    this.#host.leavePartlyChanged(plannedChanges, effectOf(this.#task));
    this.#host.fail({ task: this.#task.ref, message: failure.message, result });
    this.#conclude('failed', failure.message, {
      code: failure.code,
      details: failure.details,
      ...(failure.remedy !== undefined && { remedy: failure.remedy }),
    });
  }

  #conclude(outcome: TaskOutcome, reason: string, more: EndDetails): void {
    this.#isOver = true;
    this.#verdict = outcome === 'ignored' ? 'ok' : outcome;
    this.#report.finished(outcome, reason, this.#done, more);
  }
}
