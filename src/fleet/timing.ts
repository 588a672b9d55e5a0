import type { ClusterTiming, WhenShut } from '../engine/clusters/cluster-timing.ts';
import { type ClusterSchedule, clusterWindow } from './schedule.ts';

/** What to do with clusters that may not be changed now. */
export type WindowPolicy =
  /** Refuse them. */
  | { readonly kind: 'refuse' }
  /** Leave them unchanged. */
  | { readonly kind: 'skip' }
  /** Wait for their windows, after all other clusters. */
  | { readonly kind: 'wait' }
  /** Change them all the same. */
  | { readonly kind: 'override'; readonly reason: string };

/**
 * What the engine asks before it starts something on a cluster. @param wallClock the time of day, by which windows are defined
 */
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
      return { kind: 'left', remedy: 'leave this run alone: it waits', waits: true };
    case 'override':
      return { kind: 'overridden', reason: policy.reason };
  }
}

/** There is no window to wait for, and a later run would find none either. */
function whenNever(policy: WindowPolicy): WhenShut {
  if (policy.kind === 'override') return whenShut(policy);
  const remedy = 'give the cluster a later window, or do it now with --window override --reason TEXT';
  return { kind: policy.kind === 'skip' ? 'left' : 'refused', remedy };
}
