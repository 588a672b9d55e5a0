import type { HostPlan, PlannedTask, PlanTotals, PlayPlan } from './events/plan.ts';

/** What a plan means for a host as a whole. */
type HostIntent = 'change' | 'mayChange' | 'unchanged' | 'refused';

/** How many hosts a plan changes, leaves unchanged and refuses. */
export function planTotals({ hosts }: PlayPlan): PlanTotals {
  const intents = hosts.map(intentOf);
  const number = (intent: HostIntent) => intents.filter((candidate) => candidate === intent).length;
  return {
    change: number('change'),
    mayChange: number('mayChange'),
    unchanged: number('unchanged'),
    refused: number('refused'),
    changes: hosts.flatMap(({ tasks }) => tasks.filter(isCertain).flatMap(changesOf)).length,
  };
}

/** Whether something will or may be changed. */
export function isToBeConfirmed(plans: readonly PlayPlan[]): boolean {
  return plans.some(({ hosts }) =>
    hosts.some(({ tasks }) =>
      tasks.some(({ action, condition }) => condition === undefined && (action === 'change' || action === 'unknown')),
    ),
  );
}

function intentOf({ tasks }: HostPlan): HostIntent {
  const certain = tasks.filter(isCertain);
  if (certain.some(({ action }) => action === 'refuse')) return 'refused';
  if (certain.some((task) => changesOf(task).length > 0)) return 'change';
  return certain.some(({ action }) => action === 'unknown') ? 'mayChange' : 'unchanged';
}

function isCertain({ condition }: PlannedTask): boolean {
  return condition === undefined;
}

function changesOf(task: PlannedTask): readonly unknown[] {
  return task.action === 'change' ? task.changes.filter(({ kind }) => kind !== 'look') : [];
}
