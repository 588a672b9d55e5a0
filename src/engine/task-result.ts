import type { Json, JsonObject } from '../core/json.ts';
import { type Outcome, StepFailure } from '../core/step.ts';
import { evaluate } from '../template/evaluate.ts';
import type { Expression } from '../template/expression.ts';
import { isTruthy } from '../template/value.ts';
import type { HostState } from './host-state.ts';
import { type HostTaskPlan, type PlannedCall, type PlannerInput, registeredResult } from './planner.ts';
import type { CompiledTask } from './program/compiled.ts';
import { scopeOf } from './task-input.ts';

export type Outcomes = ReadonlyMap<PlannedCall, Outcome>;

/** What a task has come to on a host, as `register` gives it. */
export function resultOf(task: CompiledTask, { calls, plan }: HostTaskPlan, outcomes: Outcomes): JsonObject {
  const results = calls.map((call) => {
    const planned = 'result' in call.plan ? call.plan.result : undefined;
    return registeredResult(call.plan.action === 'change', outcomes.get(call)?.result ?? planned ?? null, call.item);
  });
  if (task.loop) return { changed: plan.action === 'change', failed: false, skipped: false, results };
  return results[0] ?? registeredResult(false, null);
}

export interface Judged {
  readonly input: PlannerInput;
  readonly task: CompiledTask;
  readonly state: HostState;
  readonly planned: HostTaskPlan;
  readonly outcomes: Outcomes;
}

/**
 * Judges a task by `failed_when` and `changed_when`, which see what it has registered.
 * @returns whether it counts as changed.
 * @throws {StepFailure} when it counts as failed.
 */
export function judge({ input, task, state, planned, outcomes }: Judged, result: Json): boolean {
  const { changedWhen, failedWhen, register } = task;
  const registered = register === undefined ? state.registered : new Map([...state.registered, [register, result]]);
  const { play, surroundings } = input;
  const scope = scopeOf({ play, task, host: state.compiled, registered, surroundings });
  const holds = (expressions: readonly Expression[]): boolean =>
    expressions.every((expression) => isTruthy(evaluate(expression, scope)));
  if (failedWhen && failedWhen.length > 0) {
    if (holds(failedWhen)) throw new StepFailure('failed_when holds');
  } else {
    const failure = [...outcomes.values()].find((outcome) => outcome.failure)?.failure;
    if (failure) throw failure;
  }
  return changedWhen ? holds(changedWhen) : planned.plan.action === 'change';
}
