import type { RefusePlan } from '../../core/plan.ts';
import { type HostTaskPlans, nothing, type PlannedPlay } from './plan-task.ts';

/** Whether the host takes no part in its play. A possible refusal inside a rescue does not count. */
export function isRefused(plans: HostTaskPlans): boolean {
  return [...plans.values()].some(({ plan, condition }) => plan.action === 'refuse' && condition === undefined);
}

/** The plans of a host that is refused before the first task that would change it; later tasks are not reached. */
export function refusedBy(refusal: RefusePlan, plans: HostTaskPlans): HostTaskPlans {
  const all = [...plans];
  const first = all.findIndex(([, { plan }]) => plan.action === 'change' || plan.action === 'unknown');
  const at = all[first];
  return at ? new Map([...all.slice(0, first), [at[0], nothing(refusal)]]) : plans;
}

/** Why hosts are refused, by host. */
export function reasonsOf(plans: PlannedPlay): ReadonlyMap<string, string> {
  return new Map(
    [...plans].flatMap(([name, own]) => {
      const [reason] = [...own.values()].flatMap(({ plan }) => (plan.action === 'refuse' ? [plan.reason] : []));
      return reason !== undefined && isRefused(own) ? [[name, reason] as const] : [];
    }),
  );
}
