import type { TaskOutcome } from '../../core/events/task.ts';
import type { Change } from '../../core/plan.ts';
import type { ProblemCode } from '../../core/problems/code.ts';
import type { Outcome, StepFailure } from '../../core/step.ts';
import { summaryOf } from '../plan/changes.ts';
import type { HostTaskPlan } from '../plan/host-task-plan.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { visibleChanges, visibleText, visibleWarnings } from '../program/no-log.ts';
import type { ExecutionTools } from './tools.ts';

/** Outcomes of tasks that may have changed something. */
const CHANGING: readonly TaskOutcome[] = ['changed', 'ignored', 'failed', 'unreachable'];

/** Details of a task's end besides its outcome. */
export interface EndDetails {
  readonly told?: string;
  readonly said?: readonly string[];
  readonly details?: readonly (readonly [string, string])[];
  readonly remedy?: string;
  readonly code?: ProblemCode;
}

/** Reports the progress of one task on one host, as far as `no_log` permits. */
export class TaskReport {
  readonly #task: CompiledTask;
  readonly #host: string;
  readonly #tools: ExecutionTools;
  readonly #started: number;

  constructor(task: CompiledTask, host: string, tools: ExecutionTools) {
    this.#task = task;
    this.#host = host;
    this.#tools = tools;
    this.#started = tools.clock().getTime();
  }

  /** Reports progress; `limitMs` is given while waiting for something that will end. */
  progress(message: string, elapsedMs: number = this.#elapsedMs, limitMs?: number): void {
    this.#tools.emit({
      type: 'task-progress',
      task: this.#task.ref,
      host: this.#host,
      message: visibleText(this.#task, message),
      elapsedMs,
      ...(limitMs !== undefined && { limitMs }),
    });
  }

  /** Reports what its steps warn about. */
  warnings(outcomes: Iterable<Outcome>): void {
    for (const { message, remedy } of [...outcomes].flatMap(({ warnings }) => visibleWarnings(this.#task, warnings)))
      this.#tools.emit({ type: 'warning', hosts: [this.#host], message, ...(remedy !== undefined && { remedy }) });
  }

  finished(outcome: TaskOutcome, reason: string, done: readonly Change[], more: EndDetails): void {
    this.#tools.emit({
      type: 'task-finished',
      task: this.#task.ref,
      host: this.#host,
      outcome,
      // That the host was lost or the task cut short reveals nothing about the task.
      reason: outcome === 'unreachable' || outcome === 'cancelled' ? reason : visibleText(this.#task, reason),
      changes: CHANGING.includes(outcome) ? visibleChanges(this.#task, done) : [],
      ...(this.#task.noLog ? {} : more),
      elapsedMs: this.#elapsedMs,
    });
  }

  get #elapsedMs(): number {
    return this.#tools.clock().getTime() - this.#started;
  }
}

/** What its steps say of themselves, as a clause; undefined if they say nothing. */
export function summaryIn(outcomes: Iterable<Outcome>): string | undefined {
  const summaries = [...outcomes].flatMap(({ summary }) => summary ?? []);
  return summaries.length > 0 ? summaries.join('; ') : undefined;
}

/** Why a task succeeded, as a clause. */
export function reasonOf(
  { plan }: HostTaskPlan,
  done: readonly Change[],
  failures: ReadonlyMap<unknown, StepFailure>,
  summary: string | undefined,
  isChanged: boolean,
): string {
  const [failure] = failures.values();
  if (failure && done.length === 0) return `${failure.message}: failed_when says that this is not a failure`;
  switch (plan.action) {
    case 'none':
      return plan.reason;
    case 'check':
      return summary ?? 'as expected';
    default:
      // With changed_when: false there are no changes to count.
      return isChanged || done.length < 2 ? summaryOf(done) : 'unchanged';
  }
}

/** What the task was meant to show, by entry. */
export function messagesOf({ calls }: HostTaskPlan): readonly string[] {
  return calls.flatMap(({ plan }) => (plan.action === 'none' ? (plan.says ?? []) : []));
}
