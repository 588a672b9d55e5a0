import type { ClusterRef } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';

/**
 * Whether a pause may still hold something back in a rollout, as far as its events say: a cluster that has not started, or has
 * not come to its first change.
 * @param waits clusters outside their windows are started later (`--window wait`)
 */
export function isAnythingLeftToHold(events: readonly Event[], waits: boolean): boolean {
  let left: readonly string[] = [];
  for (const event of events) left = leftAfter(event, left, waits);
  return left.length > 0;
}

function leftAfter(event: Event, left: readonly string[], waits: boolean): readonly string[] {
  switch (event.type) {
    case 'rollout-planned':
      return event.waves.flatMap(({ clusters }) => clusters);
    case 'rollout-stopped':
      return [];
    case 'batch-started':
      return without(left, event.cluster);
    case 'window-shut':
      return waits ? left : without(left, event.cluster);
    case 'cluster-finished': {
      const { cluster, outcome } = event;
      const others = without(left, cluster);
      const mayStartAgain = waits && cluster.kind === 'declared' && (outcome === 'cancelled' || outcome === 'refused');
      return mayStartAgain ? [...others, cluster.name] : others;
    }
    default:
      return left;
  }
}

function without(names: readonly string[], cluster: ClusterRef | undefined): readonly string[] {
  return names.filter((name) => cluster?.kind !== 'declared' || cluster.name !== name);
}
