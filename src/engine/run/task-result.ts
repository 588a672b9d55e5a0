import type { JsonObject } from '../../core/json.ts';
import { type Outcome, StepFailure } from '../../core/step.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import type { HostState } from '../hosts/host-state.ts';
import { wouldChange } from '../plan/changes.ts';
import type { HostTaskPlan, PlannedCall } from '../plan/host-task-plan.ts';
import { holdAfter, judgeEntry } from '../plan/judge-entry.ts';
import { brokenCondition, endsLoop, entriesUpTo, type LoopEnd } from '../plan/loop-end.ts';
import type { PlannerInput } from '../plan/plan-task.ts';
import { unreachableOf, withFacts } from '../plan/state-after.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { loopResult, registeredResult } from '../program/registered.ts';
import { entryName } from '../program/task-input.ts';
import { UntilFailure } from './attempts.ts';
import { inEntry } from './task-failure.ts';
import { TimeLimitFailure } from './time-limit.ts';

/** What a task did on a host, before `failed_when` and the like are applied. */
export interface TaskRecord {
  readonly input: PlannerInput;
  readonly task: CompiledTask;
  readonly state: HostState;
  readonly planned: HostTaskPlan;
  readonly outcomes: ReadonlyMap<PlannedCall, Outcome>;
  /** The failures of calls that did not complete. */
  readonly failures: ReadonlyMap<PlannedCall, StepFailure>;
}

/** The result of a task on a host, after `failed_when` and `changed_when`. */
export interface TaskResult {
  /** What `register` gets. */
  readonly result: JsonObject;
  /** Whether the task counts as changed. */
  readonly changed: boolean;
  /** Why it counts as failed; undefined when it does not. */
  readonly failure: StepFailure | undefined;
}

/** The result of a task, and which of its calls count as failed. */
interface JudgedTask extends TaskResult {
  readonly failedCalls: readonly PlannedCall[];
}

/** Whether the conditions of `until` hold after an attempt, failed or not. */
export function isUntilMet(record: TaskRecord, call: PlannedCall, conditions: readonly Expression[]): boolean {
  const { input, task, state } = record;
  const { item, loop } = call;
  return holdAfter(input, task, state, { item, loop, result: entryOf(record, call).result }, conditions);
}

/** The end of the loop, if it is after a completed call (`break_when`, or a condition of its block). */
export function loopEndAt(record: TaskRecord, call: PlannedCall): LoopEnd | undefined {
  const { input, task, state, planned } = record;
  const { item, loop, at = 0 } = call;
  // The conditions see the variables that the entries so far have set.
  const registered = withFacts(state.registered, entriesUpTo({ at }, planned));
  const after = { ...state, registered };
  const ended = { item, loop, result: entryOf(record, call).result };
  const broken = call === planned.calls.at(-1) ? undefined : brokenCondition(input, task, after, ended);
  if (broken) return { at, broken };
  return endsLoop(input, task, after, ended) ? { at } : undefined;
}

/** What a task registers if the host that carries it out is unreachable. Completed entries of its loop keep their results. */
export function unreachableTaskResult({ task, planned, outcomes }: TaskRecord, why: string): JsonObject {
  return unreachableOf(task, planned, why, (call) => {
    const outcome = outcomes.get(call);
    return (
      outcome && registeredResult({ result: outcome.result ?? null, changed: call.plan.action === 'change' }, call)
    );
  });
}

interface Entry extends TaskResult {
  readonly call: PlannedCall;
}

/**
 * Applies `failed_when` and `changed_when`, which see what the task would register. As in Ansible, a loop is judged entry by
 * entry, each with its item, and a failed entry makes the task fail.
 * @throws {TemplateError} when a condition has no value
 */
export function judgeTask(record: TaskRecord): JudgedTask {
  const { task, planned } = record;
  const entries = planned.calls.map((call) => entryOf(record, call));
  const failure = failureOf(entries);
  const failedCalls = entries.filter((entry) => entry.failure).map(({ call }) => call);
  const changed = entries.some((entry) => entry.changed);
  if (task.loop) {
    const results = entries.map(({ call, result }, index) => ({ at: call.at ?? index, result }));
    return { result: loopResult(results, planned.skipped), changed, failure, failedCalls };
  }
  return {
    result: entries[0]?.result ?? registeredResult({ result: null, changed: false }),
    changed,
    failure,
    failedCalls,
  };
}

function entryOf(record: TaskRecord, call: PlannedCall): Entry {
  const { input, task, state, outcomes, failures } = record;
  const thrown = failures.get(call);
  const failure = thrown ?? outcomes.get(call)?.failure;
  const planned = 'result' in call.plan && !thrown ? call.plan.result : undefined;
  const isDone = (call.plan.action === 'change' && !thrown) || wouldChange(call.plan);
  const told = outcomes.get(call)?.result ?? planned ?? null;
  const own = registeredResult({ result: told, changed: isDone }, call);
  const raw: JsonObject = {
    ...own,
    failed: failure !== undefined,
    ...(task.until && call.plan.action === 'none' && { attempts: 1 }),
    // A step may give its own message, such as Ansible's.
    ...(failure && { msg: (outcomes.get(call)?.failure && own['msg']) ?? failure.message }),
    ...(failure instanceof TimeLimitFailure &&
      failure.limit.by === 'timeout' && { timedout: { period: failure.limit.seconds } }),
  };
  const verdict = { result: raw, changed: isDone, failed: failure !== undefined };
  const { result, changed, failed } = judgeEntry(input, task, state, call, verdict);
  if (!failed) {
    // As in Ansible, `failed_when` decides whether the task has failed, but the result says that `until` never held.
    const registered = failure instanceof UntilFailure ? { ...result, failed: true } : result;
    return { call, result: registered, changed, failure: undefined };
  }
  return { call, result, changed, failure: judged(task, failure) };
}

/** What the task has failed with. The advice to use failed_when is not for a task that has it. */
function judged({ failedWhen }: CompiledTask, failure: StepFailure | undefined): StepFailure {
  if (!failure) return new StepFailure('failed-when', 'failed_when holds');
  if (failedWhen === undefined || failure.code !== 'command-failed') return failure;
  return new StepFailure(failure.code, `${failure.message}, and failed_when holds`, { details: failure.details });
}

/** The failure of a task. If several entries of its loop failed, it lists each with its message. */
function failureOf(entries: readonly Entry[]): StepFailure | undefined {
  const failed = entries.flatMap(({ call, failure }) => (failure ? [{ call, failure }] : []));
  const [first, ...others] = failed;
  if (!first || others.length === 0) return first && inEntry(first.failure, first.call);
  const details = failed.map(({ call, failure }) => [entryName(call) ?? '', failure.message] as const);
  return new StepFailure(first.failure.code, `${failed.length} of ${entries.length} entries failed`, {
    details,
    remedy: first.failure.remedy,
  });
}
