import { count } from '../../core/count.ts';
import type { PlanTotals } from '../../core/events/plan.ts';

/**
 * `3 hosts to change, 0 unchanged, 0 refused.` If only a run can tell: `0 hosts to change, 2 may change, …`; if a rescue may change something:
 * `…, 3 unchanged (2 unless a task fails), …`; if a task is known to fail: `…, 0 refused, 1 will fail.`
 */
export function totalsSentence(totals: PlanTotals): string {
  const { change, mayChange, unchanged, unlessFailed = 0, refused, failing = 0 } = totals;
  const parts = [
    `${count(change, 'host')} to change`,
    ...(mayChange > 0 ? [`${mayChange} may change`] : []),
    `${unchanged} unchanged${unlessFailed > 0 ? ` (${unlessFailed} unless a task fails)` : ''}`,
    `${refused - failing} refused`,
    ...(failing > 0 ? [`${failing} will fail`] : []),
  ];
  return `${parts.join(', ')}.`;
}

/** The totals of several clusters, of which there is at least one. */
export function summedTotals(all: readonly PlanTotals[]): PlanTotals {
  return all.reduce((a, b) => {
    const unlessFailed = (a.unlessFailed ?? 0) + (b.unlessFailed ?? 0);
    const failing = (a.failing ?? 0) + (b.failing ?? 0);
    return {
      change: a.change + b.change,
      mayChange: a.mayChange + b.mayChange,
      unchanged: a.unchanged + b.unchanged,
      ...(unlessFailed > 0 && { unlessFailed }),
      refused: a.refused + b.refused,
      ...(failing > 0 && { failing }),
      changes: a.changes + b.changes,
    };
  });
}

/** The totals count what is to be done, not what a run does of it. @param held of clusters that do not start, though they have work */
export function heldSentence(held: readonly PlanTotals[]): readonly string[] {
  const hosts = held.reduce((sum, { change, mayChange }) => sum + change + mayChange, 0);
  if (hosts === 0) return [];
  const where = held.length === 1 ? 'a cluster that does not start' : 'clusters that do not start';
  return [`${hosts} of the hosts to change ${hosts === 1 ? 'is' : 'are'} in ${where}, as things are.`];
}
