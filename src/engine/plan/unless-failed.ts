import { changesOf, outcomeOf, unshown } from './changes.ts';
import type { HostTaskPlan, HostTaskPlans } from './host-task-plan.ts';

/** The plans of a host that have come since, or are others. */
export function plansSince(before: HostTaskPlans | undefined, now: HostTaskPlans): HostTaskPlans {
  return new Map([...now].filter(([path, planned]) => planned !== before?.get(path)));
}

/**
 * What to show for those tasks of an `always` that may do more if its block has failed than if it has not.
 * @param failed the plans of a host if it has. @param passed if it has not
 * @param mayWrite whether the task of a path ever changes anything
 */
export function plansUnlessFailed(
  failed: HostTaskPlans,
  passed: HostTaskPlans,
  block: { readonly name: string },
  mayWrite: (path: string) => boolean,
): HostTaskPlans {
  const plans = new Map<string, HostTaskPlan>();
  for (const [path, ifFailed] of failed) {
    const shown = passed.get(path);
    if (!shown) plans.set(path, { ...ifFailed, isBehindFailure: true });
    else if (mayWrite(path) && isBinding(shown) && doesMore(ifFailed, shown))
      plans.set(path, { ...shown, unless: `unless a task of '${block.name}' fails` });
  }
  return plans;
}

function isBinding({ plan, condition }: HostTaskPlan): boolean {
  return condition === undefined && plan.action !== 'unknown' && plan.action !== 'refuse';
}

function doesMore({ plan: ifFailed, unless }: HostTaskPlan, { plan: shown }: HostTaskPlan): boolean {
  if (ifFailed.action === 'unknown' || unless !== undefined) return true;
  return unshown(changesOf(ifFailed), changesOf(shown).map(outcomeOf)).length > 0;
}
