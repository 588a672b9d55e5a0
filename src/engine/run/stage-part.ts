import type { ChangePlan } from '../../core/plan.ts';
import type { PlanContext, PlannedChanges } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import type { HostTaskPlan, PlannedCall } from '../plan/host-task-plan.ts';

/** The part of a plan that belongs to a stage; undefined if there is none. Without a stage: the whole plan. */
export function partOf(
  plan: ChangePlan,
  stage: string | undefined,
  world: World,
  planContext: PlanContext,
): PlannedChanges | undefined {
  const [first, ...rest] = plan.changes.filter((change) => stage === undefined || change.stage === stage);
  return first && { changes: [first, ...rest], plan, world, planContext, ...(stage !== undefined && { stage }) };
}

/** The calls of a task that have something to do in a stage, with that part of their plan. `world` is the present state. */
export function callsIn(
  { calls }: HostTaskPlan,
  stage: string | undefined,
  world: World,
): readonly { readonly call: PlannedCall; readonly planned: PlannedChanges }[] {
  return calls.flatMap((call) => {
    if (call.plan.action !== 'change') return [];
    const part = partOf(call.plan, stage, calls.length === 1 ? world : call.world, call.context);
    return part ? [{ call, planned: part }] : [];
  });
}
