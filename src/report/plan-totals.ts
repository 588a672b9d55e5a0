import type { HostPlan, PlayPlan, ShownTaskPlan } from '../core/event.ts';
import { count } from './words.ts';

/** What a plan means for a host as a whole. */
type HostIntent = 'change' | 'unchanged' | 'refused';

function intentOf({ tasks }: HostPlan): HostIntent {
  if (tasks.some(({ action }) => action === 'refuse')) return 'refused';
  return tasks.some(isChange) ? 'change' : 'unchanged';
}

/** What only a run can tell counts as a change; what only looks does not. */
function isChange(task: ShownTaskPlan): boolean {
  if (task.action === 'change') return task.changes.some(({ kind }) => kind !== 'look');
  return task.action === 'unknown';
}

/** `3 hosts to change, 0 unchanged, 0 refused.` */
export function totalsSentence({ hosts }: PlayPlan): string {
  const intents = hosts.map(intentOf);
  const number = (intent: HostIntent) => intents.filter((candidate) => candidate === intent).length;
  return `${count(number('change'), 'host')} to change, ${number('unchanged')} unchanged, ${number('refused')} refused.`;
}
