import { plannedRefusals } from '../../core/events/planned-refusals.ts';
import type { RunResult } from '../../engine/run-result.ts';

/** Commands always run again, so planning one proves nothing. */
const INCONCLUSIVE: readonly string[] = ['look', 'run'];

/** Why a look after a run finds its cluster not in the state that the run should have left, in a clause; undefined: it is. */
export function whyChanged({ unreachable, refused, failed, plans }: RunResult): string | undefined {
  if (unreachable.length > 0) return `${unreachable.join(', ')} cannot be reached`;
  const notRun = [...refused, ...failed];
  if (notRun.length > 0) {
    const [why] = plans.flatMap(plannedRefusals).map((event) => ('reason' in event ? event.reason : event.message));
    return `${notRun.join(', ')} would be refused now${why === undefined ? '' : `: ${why}`}`;
  }
  for (const { hosts } of plans)
    for (const { host, tasks } of hosts)
      for (const task of tasks) {
        if (task.action !== 'change' || task.condition !== undefined) continue;
        const change = task.changes.find(({ kind }) => !INCONCLUSIVE.includes(kind));
        if (change) return `${change.target} of ${host} would be changed again`;
      }
  return undefined;
}
