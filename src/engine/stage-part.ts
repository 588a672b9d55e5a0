import type { ChangePlan } from '../core/plan.ts';
import type { PlanContext, PlannedChanges } from '../core/step.ts';
import type { World } from '../core/world.ts';

/** What one stage is to make of a plan; undefined when it has no part in it. Without a stage that is all of it. */
export function partOf(
  plan: ChangePlan,
  stage: string | undefined,
  world: World,
  planContext: PlanContext,
): PlannedChanges | undefined {
  const [first, ...rest] = plan.changes.filter((change) => stage === undefined || change.stage === stage);
  return first && { changes: [first, ...rest], plan, world, planContext, ...(stage !== undefined && { stage }) };
}
