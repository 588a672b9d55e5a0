import type { ClusterTiming, WhenShut } from '../engine/clusters/cluster-timing.ts';
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
    whenShut: whenShut(policy),
    whenNever: whenNever(policy),
    ask: (cluster, share) => {
      const schedule = schedules.get(cluster);
      return schedule && clusterWindow(schedule, wallClock().getTime(), schedule.expected.ms * share);
    },
  };
}

function whenShut(policy: WindowPolicy): WhenShut {
  switch (policy.kind) {
    case 'refuse':
      return { kind: 'refused', remedy: 'run it again then, or do it now with --window override --reason TEXT' };
    case 'skip':
      return { kind: 'left', remedy: 'run it again then' };
    case 'wait':
      return { kind: 'left', remedy: 'leave this run alone: it waits' };
    case 'override':
      return { kind: 'overridden', reason: policy.reason };
  }
}

/** There is nothing to wait for, and no later run would find it otherwise. */
function whenNever(policy: WindowPolicy): WhenShut {
  if (policy.kind === 'override') return whenShut(policy);
  const remedy = 'give the cluster a later window, or do it now with --window override --reason TEXT';
  return { kind: policy.kind === 'skip' ? 'left' : 'refused', remedy };
}
