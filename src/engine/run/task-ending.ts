import type { HostStop } from '../../core/events/recap.ts';
import type { TaskOutcome } from '../../core/events/task.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Change } from '../../core/plan.ts';
import type { StepFailure } from '../../core/step.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { visibleChanges, visibleText } from '../program/no-log.ts';
import type { Verdict } from '../walk/request.ts';
import { effectOf } from './effect.ts';
import type { HostRun } from './host-run.ts';
import type { EndDetails, TaskReport } from './task-report.ts';
import type { ExecutionTools } from './tools.ts';

/** How one task ends on one host. Its end is reported exactly once; what it changed is added to the host's changes. */
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

  /** What the walk is told; `ok` for a failure that is ignored. */
  get verdict(): Verdict {
    return this.#verdict;
  }

  /** What has been changed so far. */
  get done(): readonly Change[] {
    return this.#done;
  }

  /** Notes that these changes have been made. One that another attempt makes again counts once. */
  did(changes: readonly Change[]): void {
    this.#done.push(...changes.filter((change) => !this.#done.includes(change)));
  }

  /** Adds what has been changed so far to the changes of the host. */
  keepChanges(): void {
    this.#host.addChanges(visibleChanges(this.#task, this.#done));
  }

  /** Ends the task; the host goes on to the next one. */
  end(outcome: TaskOutcome, reason: string, more: EndDetails = {}): void {
    this.#host.count(outcome);
    this.#conclude(outcome, reason, more);
  }

  /** Ends the task and takes the host out of the play. */
  leave(why: HostStop['why'], reason: string, more: EndDetails = {}): void {
    this.#host.leave(why, this.#task.ref);
    this.#conclude(why, reason, more);
  }

  /** The same for a task that had begun: what it has changed so far stays on record. */
  cutShort(why: HostStop['why'], reason: string, remedy?: string): void {
    this.keepChanges();
    this.leave(why, reason, remedy === undefined ? {} : { remedy });
  }

  /**
   * Ends the task as failed, or as ignored where `ignore_errors` says so.
   * @param left the changes that were planned: a later task may still make them
   */
  async failedOrIgnored(failure: StepFailure, result: JsonObject, left: readonly Change[]): Promise<void> {
    if (!this.#task.ignoreErrors) return this.failed(failure, result, left);
    this.keepChanges();
    this.#host.leavePartlyChanged(left, effectOf(this.#task));
    this.#host.countIgnored(result['changed'] === true);
    this.#conclude('ignored', failure.message, { details: failure.details });
  }

  /** Ends the task of a host that could not be reached and goes on (`ignore_unreachable`). @param left the changes that were planned */
  ignoredAway(why: string, left: readonly Change[]): void {
    this.keepChanges();
    this.#host.leavePartlyChanged(left, effectOf(this.#task));
    this.#host.countIgnored(this.#done.length > 0);
    this.#conclude('ignored', `it cannot be reached: ${why}`, {});
  }

  /** Ends the task as failed, whatever `ignore_errors` says; a rescue may still catch it. */
  async failed(failure: StepFailure, result: JsonObject, left: readonly Change[]): Promise<void> {
    this.keepChanges();
    const reason = visibleText(this.#task, failure.message);
    await this.#tools.journal.write({ type: 'failed', host: this.#host.name, task: this.#task.ref.name, reason });
    this.#host.leavePartlyChanged(left, effectOf(this.#task));
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
