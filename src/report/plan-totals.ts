import type { HostPlan, PlannedTask, PlayPlan } from '../core/event.ts';
import { count } from './words.ts';

/** What a plan means for a host as a whole. */
type HostIntent = 'change' | 'unchanged' | 'refused';

function intentOf({ tasks }: HostPlan): HostIntent {
  if (tasks.some(({ action, condition }) => action === 'refuse' && condition === undefined)) return 'refused';
  return tasks.some(isChange) ? 'change' : 'unchanged';
}

/** What only a run can tell counts as a change; what only looks does not, nor what is done only if something fails. */
function isChange(task: PlannedTask): boolean {
  if (task.condition !== undefined) return false;
  if (task.action === 'change') return task.changes.some(({ kind }) => kind !== 'look');
  return task.action === 'unknown';
}

/** `3 hosts to change, 0 unchanged, 0 refused.` */
export function totalsSentence({ hosts }: PlayPlan): string {
  const intents = hosts.map(intentOf);
  const number = (intent: HostIntent) => intents.filter((candidate) => candidate === intent).length;
  return `${count(number('change'), 'host')} to change, ${number('unchanged')} unchanged, ${number('refused')} refused.`;
}
