import type { Json, JsonObject } from '../../core/json.ts';
import { type Outcome, StepFailure } from '../../core/step.ts';
import type { Expression } from '../../template/expression.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { HostTaskPlan, PlannedCall, PlannerInput } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { loopResult, registeredResult } from '../program/registered.ts';
import { conditionHolds, entryName } from '../program/task-input.ts';
import { scopeOf } from '../program/task-scope.ts';
import { inEntry } from './task-failure.ts';

export interface Judged {
  readonly input: PlannerInput;
  readonly task: CompiledTask;
  readonly state: HostState;
  readonly planned: HostTaskPlan;
  readonly outcomes: ReadonlyMap<PlannedCall, Outcome>;
  /** What calls have failed with that did not come to an end. */
  readonly failures: ReadonlyMap<PlannedCall, StepFailure>;
}

/** What a task has come to on a host. */
export interface Verdict {
  /** As `register` gives it. */
  readonly result: JsonObject;
  /** It counts as changed. */
  readonly changed: boolean;
  /** It counts as failed. */
  readonly failure: StepFailure | undefined;
}

/** Whether what an attempt has come to is what the task is done again for; it may have failed. */
export function isReached(judged: Judged, call: PlannedCall, conditions: readonly Expression[]): boolean {
  const { result } = entryOf(judged, call);
  return conditions.every((condition) => conditionHolds(condition, scopeFor(judged, call, result)));
}

interface Entry extends Verdict {
  readonly call: PlannedCall;
}

/**
 * Judges a task by `failed_when` and `changed_when`, which see what it has registered; of a loop entry by entry, each with its
 * item, as Ansible does. A failed entry makes the task fail.
 * @throws {TemplateError} when a condition has no value.
 */
export function verdictOf(judged: Judged): Verdict {
  const { task, planned } = judged;
  const entries = planned.calls.map((call) => entryOf(judged, call));
  const failure = failureOf(entries);
  if (task.loop) {
    const results = entries.map(({ call, result }, index) => ({ at: call.at ?? index, result }));
    return { result: loopResult(results, planned.skipped), changed: entries.some(({ changed }) => changed), failure };
  }
  return entries[0] ?? { result: registeredResult(false, null), changed: false, failure };
}

function entryOf(judged: Judged, call: PlannedCall): Entry {
  const { task, outcomes, failures } = judged;
  const thrown = failures.get(call);
  const failure = thrown ?? outcomes.get(call)?.failure;
  const planned = 'result' in call.plan && !thrown ? call.plan.result : undefined;
  const isDone = call.plan.action === 'change' && !thrown;
  const raw: JsonObject = {
    ...registeredResult(isDone, outcomes.get(call)?.result ?? planned ?? null, call.item),
    failed: failure !== undefined,
    ...(failure && { msg: failure.message }),
  };
  const holdsFor = (conditions: readonly Expression[], result: Json): boolean =>
    conditions.every((condition) => conditionHolds(condition, scopeFor(judged, call, result)));
  const { changedWhen, failedWhen } = task;
  const changed = changedWhen ? holdsFor(changedWhen, raw) : isDone;
  const counted = { ...raw, changed };
  if (!failedWhen || failedWhen.length === 0) return { call, result: counted, changed, failure };
  const failed = holdsFor(failedWhen, counted);
  return {
    call,
    result: { ...counted, failed, failed_when_result: failed },
    changed,
    failure: failed ? (failure ?? new StepFailure('failed_when holds')) : undefined,
  };
}

function scopeFor(
  { input, task, state }: Judged,
  { item, loop }: PlannedCall,
  result: Json,
): ReturnType<typeof scopeOf> {
  const { play, surroundings, fleet } = input;
  const { register } = task;
  const registered = register === undefined ? state.registered : new Map([...state.registered, [register, result]]);
  return scopeOf({ play, task, host: state.compiled, registered, surroundings, fleet }, item, loop);
}

/** Of several entries each is named, with what it failed with. */
function failureOf(entries: readonly Entry[]): StepFailure | undefined {
  const failed = entries.flatMap(({ call, failure }) => (failure ? [{ call, failure }] : []));
  const [first, ...others] = failed;
  if (!first || others.length === 0) return first && inEntry(first.failure, first.call);
  const details = failed.map(({ call, failure }) => [entryName(call) ?? '', failure.message] as const);
  return new StepFailure(`${failed.length} of ${entries.length} entries failed`, details, first.failure.remedy);
}
