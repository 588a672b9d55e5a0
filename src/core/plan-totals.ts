import type { HostPlan, PlannedTask, PlanTotals, PlayPlan } from './events/plan.ts';
import { certainRefusal } from './events/planned-refusals.ts';

/** What a plan means for a host as a whole. */
type HostIntent = 'change' | 'mayChange' | 'unlessFailed' | 'unchanged' | 'refused' | 'failing';

/** How many hosts a plan changes, leaves unchanged and refuses. */
export function planTotals({ hosts }: PlayPlan): PlanTotals {
  const intents = hosts.map(intentOf);
  const number = (intent: HostIntent) => intents.filter((candidate) => candidate === intent).length;
  return {
    change: number('change'),
    mayChange: number('mayChange'),
    unchanged: number('unchanged') + number('unlessFailed'),
    ...(number('unlessFailed') > 0 && { unlessFailed: number('unlessFailed') }),
    refused: number('refused') + number('failing'),
    ...(number('failing') > 0 && { failing: number('failing') }),
    changes: hosts.flatMap(({ tasks }) => tasks.filter(isCertain).flatMap(changesOf)).length,
  };
}

/** Whether something is to be changed, or may be without a failure: what only the run decides, such as a handler, counts. */
export function isToBeConfirmed(plans: readonly PlayPlan[]): boolean {
  return hasTask(plans, isDue);
}

/** Whether the task changes something, or may do so without a failure. */
export function isDue(task: PlannedTask): boolean {
  return isWork(task) && !task.onlyAfterFailure;
}

/** The same without tasks that only look. */
export function mayAlter(task: PlannedTask): boolean {
  return isDue(task) && alters(task);
}

/** Whether what is due may alter anything: what only looks does not count, except where its failure leads to a change. */
export function isToBeAltered(plans: readonly PlayPlan[]): boolean {
  return plans.some(({ hosts }) => hosts.some(({ tasks }) => tasks.some(isDue) && tasks.some(mayEverAlter)));
}

/**
 * Whether any of them may alter a host that takes part, also by what only a failure leads to, such as a rescue: windows do not
 * matter to the others.
 */
export function needsWindow(plans: readonly PlayPlan[]): boolean {
  return plans.some(({ hosts }) =>
    hosts.some(({ tasks }) => tasks.some(mayEverAlter) && certainRefusal(tasks) === undefined),
  );
}

/** Whether anything may be changed, also by what only a failure leads to. */
export function mayChange(plans: readonly PlayPlan[]): boolean {
  return hasTask(plans, isWork);
}

/** Whether any host has such a task in any of these plans. */
export function hasTask(plans: readonly PlayPlan[], isSuch: (task: PlannedTask) => boolean): boolean {
  return plans.some(({ hosts }) => hosts.some(({ tasks }) => tasks.some(isSuch)));
}

function isWork({ action }: PlannedTask): boolean {
  return action === 'change' || action === 'unknown';
}

/** Also behind a failure: an `always` of which only the run decides what it does then ever alters something. */
function mayEverAlter(task: PlannedTask): boolean {
  return task.unless !== undefined || alters(task);
}

function alters(task: PlannedTask): boolean {
  return task.action === 'unknown' ? !task.isLook : changesOf(task).length > 0;
}

function intentOf({ tasks }: HostPlan): HostIntent {
  const refused = certainRefusal(tasks);
  if (refused) return refused.isFailure ? 'failing' : 'refused';
  if (tasks.filter(isCertain).some((task) => changesOf(task).length > 0)) return 'change';
  if (tasks.some(mayAlter)) return 'mayChange';
  return tasks.some(mayEverAlter) ? 'unlessFailed' : 'unchanged';
}

function isCertain({ condition }: PlannedTask): boolean {
  return condition === undefined;
}

function changesOf(task: PlannedTask): readonly unknown[] {
  return task.action === 'change' ? task.changes.filter(({ kind }) => kind !== 'look') : [];
}
