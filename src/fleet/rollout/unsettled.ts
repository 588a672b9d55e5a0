import { plannedRefusals } from '../../core/events/planned-refusals.ts';
import type { RunResult } from '../../engine/run-state.ts';

/** Commands say of themselves that they would run again: that is no sign of anything. */
const SAYS_NOTHING: readonly string[] = ['look', 'run'];

/** Why a look after a run says that its cluster is not as the run would leave it, in a clause; undefined: it is. */
export function whyUnsettled({ unreachable, refused, failed, plans }: RunResult): string | undefined {
  if (unreachable.length > 0) return `${unreachable.join(', ')} cannot be reached`;
  const bad = [...refused, ...failed];
  if (bad.length > 0) {
    const [why] = plans.flatMap(plannedRefusals).map((told) => ('reason' in told ? told.reason : told.message));
    return `${bad.join(', ')} would be refused now${why === undefined ? '' : `: ${why}`}`;
  }
  for (const { hosts } of plans)
    for (const { host, tasks } of hosts)
      for (const task of tasks) {
        if (task.action !== 'change' || task.condition !== undefined) continue;
        const change = task.changes.find(({ kind }) => !SAYS_NOTHING.includes(kind));
        if (change) return `${change.target} of ${host} would be changed again`;
      }
  return undefined;
}
