import type { Json, JsonObject } from '../../core/json.ts';
import { Unknown } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { ANY_NAME, type Registered } from '../program/place.ts';
import { factsNamedIn } from '../program/play-tasks.ts';
import { loopResult, registeredResult, skippedResult, unreachableResult } from '../program/registered.ts';
import { withIncluded } from '../program/with-included.ts';
import { wouldChange } from './changes.ts';
import type { HostTaskPlan, PlannedCall } from './plan-task.ts';

/** The host as it will be after a task. */
export function stateAfter(task: CompiledTask, planned: HostTaskPlan, state: HostState): HostState {
  const { plan } = planned;
  const world = 'after' in plan && plan.after ? plan.after : state.world;
  const { register } = task;
  const result = register === undefined ? [] : [[register, plannedResult(task, planned)] as const];
  const registered = including(withFacts(state.registered, planned), [...openFacts(task, planned), ...result]);
  // What a command does its author knows alone.
  const mayRun = plan.action !== 'skip' && plan.action !== 'none' && plan.action !== 'refuse';
  return {
    ...state,
    world,
    registered,
    ...((plan.action === 'change' || plan.action === 'unknown') && { isBehindChange: true }),
    ...(mayRun && task.step.converges === false && { isBehindCommand: true }),
  };
}

/** Variables that a task gives the host where only the run tells their values, or whether it does. */
function openFacts(
  { step, params, ref }: CompiledTask,
  { plan }: HostTaskPlan,
): readonly (readonly [string, Unknown])[] {
  if (plan.action !== 'unknown') return [];
  if (step.includesVariables) return [[ANY_NAME, new Unknown(ref.name)]];
  if (!step.setsFacts) return [];
  return factsNamedIn(params).map((name) => [name, new Unknown(ref.name)]);
}

/** What a host has registered, with the variables that a task gives it. */
export function withFacts(registered: Registered, { calls }: HostTaskPlan): Registered {
  const facts = calls.flatMap(({ plan }) => (plan.action === 'none' ? Object.entries(plan.facts ?? {}) : []));
  const all = including(registered, facts);
  return calls.reduce((known, { included }) => (included ? withIncluded(known, included) : known), all);
}

/** The same, where there is nothing to add. */
function including(registered: Registered, more: readonly (readonly [string, Json | Unknown])[]): Registered {
  if (more.length === 0) return registered;
  const all = new Map(registered);
  for (const [name, value] of more) all.set(name, value);
  return all;
}

/** What `register` holds of a task whose host cannot be reached. @param resultOf the results of entries of its loop that have ended */
export function unreachableOf(
  { loop }: CompiledTask,
  { calls, skipped }: HostTaskPlan,
  why: string,
  resultOf: (call: PlannedCall) => JsonObject | undefined = () => undefined,
): JsonObject {
  if (!loop) return unreachableResult(why);
  const entries = calls.map((call, index) => ({ at: call.at ?? index, item: call.item, result: resultOf(call) }));
  return unreachableResult(why, entries, skipped);
}

/** What `register` holds after a planned task, as far as that is known before it has run. */
function plannedResult(task: CompiledTask, planned: HostTaskPlan): Json | Unknown {
  const { plan, calls, skipped, away } = planned;
  if (away !== undefined) return unreachableOf(task, planned, away);
  if (plan.action === 'skip') return skippedResult(plan.reason, task.loop && skipped, plan.result);
  if (task.changedWhen || task.failedWhen || task.until) return new Unknown(task.ref.name);
  const results = calls.flatMap(({ plan: own, item, at = 0 }) => {
    const known =
      own.action === 'none' || ((own.action === 'change' || own.action === 'check') && own.result !== undefined);
    return known
      ? [{ at, result: registeredResult(own.action === 'change' || wouldChange(own), own.result ?? null, item) }]
      : [];
  });
  if (results.length === 0 || results.length < calls.length) return new Unknown(task.ref.name);
  return task.loop ? loopResult(results, skipped) : (results[0]?.result ?? null);
}
