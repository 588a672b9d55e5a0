import type { BlockNode, CompiledPlay } from '../program/compiled.ts';
import { tasksIn } from '../program/play-tasks.ts';
import { changesOf, outcomeOf, unshown } from './changes.ts';
import type { HostTaskPlan, HostTaskPlans, PlansByHost } from './host-task-plan.ts';

/**
 * Of the hosts that have ended in a block, those that may have come to its `always` instead: because they have failed at a task,
 * or because another has, whose failure is one of all (`run_once`), or ends the play for all (`any_errors_fatal`).
 */
export function mayHaveFailedIn(
  { body, rescue }: BlockNode,
  ended: readonly string[],
  plans: PlansByHost,
  { anyErrorsFatal, maxFailPercentage }: CompiledPlay,
): readonly string[] {
  const tasks = tasksIn([...body, ...rescue]);
  const endsAll = anyErrorsFatal || maxFailPercentage !== undefined;
  const [all, forAll] = [[...plans.values()], tasks.filter(({ runOnce }) => endsAll || runOnce)];
  if (ended.length > 0 && forAll.some(({ ref }) => all.some((own) => own.has(ref.path)))) return ended;
  return ended.filter((host) => tasks.some(({ ref }) => plans.get(host)?.has(ref.path)));
}

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
