import type { HostPlan, PlannedTask, PlayPlan } from '../core/event.ts';
import { count } from './words.ts';

/** What a plan means for a host as a whole. */
type HostIntent = 'change' | 'may change' | 'unchanged' | 'refused';

function intentOf({ tasks }: HostPlan): HostIntent {
  if (tasks.some(({ action, condition }) => action === 'refuse' && condition === undefined)) return 'refused';
  const certain = tasks.filter(({ condition }) => condition === undefined);
  if (certain.some(isChange)) return 'change';
  return certain.some(({ action }) => action === 'unknown') ? 'may change' : 'unchanged';
}

function isChange(task: PlannedTask): boolean {
  return task.action === 'change' && task.changes.some(({ kind }) => kind !== 'look');
}

/** `3 hosts to change, 0 unchanged, 0 refused.` Where only a run can tell: `0 hosts to change, 2 may change, …`. */
export function totalsSentence({ hosts }: PlayPlan): string {
  const intents = hosts.map(intentOf);
  const number = (intent: HostIntent) => intents.filter((candidate) => candidate === intent).length;
  const open = number('may change');
  const parts = [
    `${count(number('change'), 'host')} to change`,
    ...(open > 0 ? [`${open} may change`] : []),
    `${number('unchanged')} unchanged`,
    `${number('refused')} refused`,
  ];
  return `${parts.join(', ')}.`;
}
