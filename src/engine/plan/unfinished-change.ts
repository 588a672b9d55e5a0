import type { RefusePlan } from '../../core/plan.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { HostTaskPlan, HostTaskPlans } from './host-task-plan.ts';

/** How to avoid that a play ends in the middle of a change. */
export const TOGETHER =
  'run the tasks that belong together in one play, with the same conditions and tags, and without end_host or end_play between them: those that delete and regenerate';

/**
 * Why a host is refused on which the play would end in the middle of a change: a task begins it, and what would complete it is left out by
 * tags, a condition, or `meta`. A host on which only the run may show that is put back by the run.
 */
export function unfinishedChange(plans: HostTaskPlans, tasks: readonly CompiledTask[]): RefusePlan | undefined {
  let begun: string | undefined;
  for (const [path, planned] of plans) {
    if (begins(planned)) begun = path;
    else if (mayComplete(planned)) begun = undefined;
  }
  if (begun === undefined) return undefined;
  const name = tasks.find(({ ref }) => ref.path === begun)?.ref.name ?? begun;
  return {
    action: 'refuse',
    code: 'change-unfinished',
    reason: `'${name}' begins a change that no later task of the play completes`,
    remedy: TOGETHER,
  };
}

function begins({ calls, condition, unless }: HostTaskPlan): boolean {
  return condition === undefined && unless === undefined && lastWord(calls) === false;
}

function mayComplete({ plan, calls }: HostTaskPlan): boolean {
  return plan.action === 'unknown' || lastWord(calls) === true;
}

function lastWord(calls: HostTaskPlan['calls']): boolean | undefined {
  return calls.flatMap(({ plan }) => (plan.action === 'change' ? (plan.isComplete ?? []) : [])).at(-1);
}
