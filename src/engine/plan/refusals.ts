import type { RefusePlan } from '../../core/plan.ts';
import { type HostTaskPlans, nothing, type PlansByHost } from './host-task-plan.ts';

/** Whether the host takes no part in its play. */
export function isRefused(plans: HostTaskPlans): boolean {
  return refusalIn(plans) !== undefined;
}

/** Why the host takes no part. A refusal that a rescue catches does not count, nor does a possible one inside a rescue. */
function refusalIn(plans: HostTaskPlans): RefusePlan | undefined {
  for (const { plan, condition } of plans.values())
    if (plan.action === 'refuse' && condition === undefined) return plan;
  return undefined;
}

/** The plans of a host that is refused before the first task that would change it; later tasks are not reached. */
export function refusedBy(refusal: RefusePlan, plans: HostTaskPlans): HostTaskPlans {
  const all = [...plans];
  const first = all.findIndex(([, { plan }]) => plan.action === 'change' || plan.action === 'unknown');
  const at = all[first];
  return at ? new Map([...all.slice(0, first), [at[0], nothing(refusal)]]) : plans;
}

/** Why hosts are refused, by host. */
export function reasonsOf(plans: PlansByHost): ReadonlyMap<string, string> {
  return new Map(
    [...plans].flatMap(([name, own]) => {
      const refusal = refusalIn(own);
      return refusal ? [[name, refusal.reason] as const] : [];
    }),
  );
}
