import { count } from '../../core/count.ts';
import type { PlanTotals } from '../../core/events/plan.ts';

/** `3 hosts to change, 0 unchanged, 0 refused.` If only a run can tell: `0 hosts to change, 2 may change, …`. */
export function totalsSentence({ change, mayChange, unchanged, refused }: PlanTotals): string {
  const parts = [
    `${count(change, 'host')} to change`,
    ...(mayChange > 0 ? [`${mayChange} may change`] : []),
    `${unchanged} unchanged`,
    `${refused} refused`,
  ];
  return `${parts.join(', ')}.`;
}
