import type { Json, JsonObject } from '../../core/json.ts';
import type { TaskPlan } from '../../core/plan.ts';
import { Unknown, type World } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { withAnySet } from '../program/open-variables.ts';
import type { Registered } from '../program/place.ts';
import { parameterNames } from '../program/play-tasks.ts';
import { loopResult, registeredResult, skippedResult, unreachableResult } from '../program/registered.ts';
import { withVariables } from '../program/variable-view.ts';
import { withIncluded } from '../program/with-included.ts';
import { worldAfter, wouldChange } from './changes.ts';
import { type HostTaskPlan, type PlannedCall, skippedEntries } from './host-task-plan.ts';

/** The host after a task. */
export function stateAfter(task: CompiledTask, planned: HostTaskPlan, state: HostState): HostState {
  const { plan } = planned;
  const { register } = task;
  const result = register === undefined ? [] : [[register, plannedResult(task, planned)] as const];
  const registered = withVariables(withFacts(state.registered, planned), [
    ...openFacts(task, planned, state.registered),
    ...result,
  ]);
  // The effect of a command is unknown.
  const mayRun = plan.action !== 'skip' && plan.action !== 'none' && plan.action !== 'refuse';
  return {
    ...state,
    world: worldBehind(task, plan, state.world),
    registered,
    ...((plan.action === 'change' || plan.action === 'unknown') && { isBehindChange: true }),
    ...(mayRun && task.step.runsCommand && { isBehindCommand: true }),
  };
}

/** A command need not do what is expected of it (`creates`): it may fail, which is ignored, or succeed without it. */
function worldBehind({ step, ref }: CompiledTask, plan: TaskPlan, before: World): World {
  const after = worldAfter(plan) ?? before;
  return step.runsCommand && after !== before ? before.uncertain(after, ref.name) : after;
}

/** Variables that a task may set, with values that only the run can tell. */
function openFacts(
  { step, params, ref }: CompiledTask,
  { plan }: HostTaskPlan,
  registered: Registered,
): readonly (readonly [string, Unknown])[] {
  if (plan.action !== 'unknown') return [];
  if (step.includesVariables) return withAnySet(registered, 'included variables', ref.name);
  if (!step.setsFacts) return [];
  return (parameterNames(params) ?? []).map((name) => [name, new Unknown(ref.name)]);
}

/** Adds the variables that a task sets to what a host has registered. */
export function withFacts(registered: Registered, { calls }: HostTaskPlan): Registered {
  const facts = calls.flatMap(({ plan }) => (plan.action === 'none' ? Object.entries(plan.facts ?? {}) : []));
  const all = withVariables(registered, facts);
  return calls.reduce((known, { included }) => (included ? withIncluded(known, included) : known), all);
}

/** What `register` contains if the host of a task is unreachable. @param resultOf results of completed entries of its loop */
export function unreachableOf(
  { loop }: CompiledTask,
  { calls, skipped }: HostTaskPlan,
  why: string,
  resultOf: (call: PlannedCall) => JsonObject | undefined = () => undefined,
): JsonObject {
  if (!loop) return unreachableResult(why);
  const entries = calls.map((call, index) => ({ at: call.at ?? index, entry: call, result: resultOf(call) }));
  return unreachableResult(why, entries, skipped);
}

/** What `register` contains after a planned task, as far as that is known before the run. */
function plannedResult(task: CompiledTask, planned: HostTaskPlan): Json | Unknown {
  const { plan, calls, skipped, unreachable } = planned;
  if (unreachable !== undefined) return unreachableOf(task, planned, unreachable);
  if (plan.action === 'skip') return skippedResult(plan.reason, skippedEntries(task, planned), plan.result);
  if (task.changedWhen || task.failedWhen || task.until) return new Unknown(task.ref.name);
  const results = calls.flatMap((call) => {
    const { plan: own, at = 0, ignoresErrors } = call;
    // What may fail registers that if the host goes on, also in check mode.
    const mayFail = ignoresErrors && (own.action !== 'none' || own.would !== undefined);
    const isForeseen =
      own.action === 'none' || ((own.action === 'change' || own.action === 'check') && own.result !== undefined);
    const changed = own.action === 'change' || wouldChange(own);
    return isForeseen && !mayFail
      ? [{ at, result: registeredResult({ result: own.result ?? null, changed }, call) }]
      : [];
  });
  if (results.length === 0 || results.length < calls.length) return new Unknown(task.ref.name);
  return task.loop ? loopResult(results, skipped) : (results[0]?.result ?? null);
}
