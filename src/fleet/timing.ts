import type { ClusterTiming } from '../engine/run/window-gate.ts';
import { type ClusterSchedule, clusterWindow } from './schedule.ts';

/** What becomes of clusters that may not be changed now. */
export type WindowPolicy =
  /** They are refused. */
  | { readonly kind: 'refuse' }
  /** They are left as they are. */
  | { readonly kind: 'skip' }
  /** They are waited for, after all others. */
  | { readonly kind: 'wait' }
  /** They are changed all the same. */
  | { readonly kind: 'override'; readonly reason: string };

/** What the engine asks before it begins something on a cluster. @param wallClock the time of day, as people mean it */
export function timingOf(
  schedules: ReadonlyMap<string, ClusterSchedule>,
  wallClock: () => Date,
  policy: WindowPolicy,
): ClusterTiming {
  return {
    whenShut:
      policy.kind === 'override'
        ? { kind: 'overridden', reason: policy.reason }
        : { kind: policy.kind === 'refuse' ? 'refused' : 'left' },
    ask: (cluster, share) => {
      const schedule = schedules.get(cluster);
      return schedule && clusterWindow(schedule, wallClock().getTime(), schedule.expected * share);
    },
  };
}
