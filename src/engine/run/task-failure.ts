import type { TaskRef } from '../../core/events/task.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { UnreachableError } from '../../core/session.ts';
import { type Outcome, StepFailure } from '../../core/step.ts';
import { TemplateError } from '../../template/errors.ts';
import type { HostTaskPlan } from '../plan/host-task-plan.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { visibleText } from '../program/no-log.ts';
import { type EntryResult, loopResult, registeredResult } from '../program/registered.ts';
import { entryName, type TaskCall } from '../program/task-input.ts';
import type { RunTools } from './tools.ts';

/** The failure of a host. */
export interface HostFailure {
  readonly task: TaskRef;
  readonly message: string;
  /** What the task would register; a rescue sees it as `ansible_failed_result`. */
  readonly result?: Json;
}

/** A host on which a failure can be recorded. */
interface Failing {
  readonly name: string;
  fail(failure: HostFailure): void;
}

/** Whether the connection to this host is lost, and not that to another one which its task needs. */
export function isLossOf(host: { readonly name: string }, error: unknown): error is UnreachableError {
  return error instanceof UnreachableError && error.host === host.name;
}

/** Converts an exception in a task to a failure of its host. The loss of the host itself has already been handled. */
export function asFailure(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  if (error instanceof TemplateError) return new StepFailure('wrong-input', error.message, { remedy: error.hint });
  if (error instanceof UnreachableError)
    return new StepFailure('peer-gone', `${error.host}, which this task needs, cannot be reached: ${error.message}`, {
      remedy: error.remedy,
    });
  return new StepFailure('bug', `a bug of kplay: ${error instanceof Error ? error.message : String(error)}`);
}

/** The outcome of a call that was known to fail. */
export function expectedFailure(refusal: RefusePlan): Outcome {
  const { result } = refusal;
  return { failure: StepFailure.refused(refusal), ...(result && { result }) };
}

/** Adds the entry of the loop to the details. */
export function inEntry(failure: StepFailure, call: TaskCall | undefined): StepFailure {
  const entry = call && entryName(call);
  if (entry === undefined) return failure;
  return new StepFailure(failure.code, failure.message, {
    details: [['entry', entry], ...failure.details],
    remedy: failure.remedy,
  });
}

/** Whether the host that the task is delegated to is unreachable and that is ignored (`ignore_unreachable`). */
export function isIgnoredLoss({ ignoreUnreachable, delegateTo }: CompiledTask, { code }: StepFailure): boolean {
  return ignoreUnreachable && delegateTo !== undefined && (code === 'delegate-unreachable' || code === 'peer-gone');
}

/** What is outside of a task: a condition or an include. */
export type Outside = Pick<CompiledTask, 'ref' | 'noLog'>;

/** Fails a host outside of a task. */
export function failOutside(host: Failing, at: Outside, message: string, { emit }: Pick<RunTools, 'emit'>): 'failed' {
  host.fail({ task: at.ref, message });
  emit({
    type: 'task-finished',
    task: at.ref,
    host: host.name,
    outcome: 'failed',
    reason: visibleText(at, message),
    changes: [],
    elapsedMs: 0,
  });
  return 'failed';
}

/** Whether neither a host nor the user caused it. */
export function isMistake(error: unknown): boolean {
  return !(error instanceof StepFailure || error instanceof TemplateError || error instanceof UnreachableError);
}

/** What a task registers that has not come to its end. A loop that was known to fail has a result for each entry, as in Ansible. */
export function failedResult(
  { task, planned }: { readonly task: CompiledTask; readonly planned: HostTaskPlan },
  { message }: StepFailure,
  changed: boolean,
): JsonObject {
  const { plan, calls, skipped } = planned;
  const known = plan.action === 'refuse' && plan.isFailure ? plan.result : undefined;
  if (plan.action !== 'refuse' || !plan.isFailure || !task.loop)
    return { msg: message, ...known, changed, failed: true };
  const entries = calls.flatMap((call): readonly EntryResult[] => {
    const { plan: own, at = 0 } = call;
    if (own.action === 'none')
      return [{ at, result: registeredResult({ result: own.result ?? null, changed: false }, call) }];
    const failing = own.action === 'check' ? own.failure : own;
    if (failing?.action !== 'refuse') return [];
    // The reason in a plan begins with the name of the entry, unless its failure is ignored.
    const msg = own === failing ? failing.reason.slice(`${entryName(call)}: `.length) : failing.reason;
    const result = registeredResult({ result: { msg, ...failing.result }, changed: false }, call);
    return [{ at, result: { ...result, failed: true } }];
  });
  return loopResult(entries, skipped);
}
