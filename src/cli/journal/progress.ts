import type { ClusterRef } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';
import { nameList } from '../../core/name-list.ts';
import { outcomeText } from '../../report/screen/fleet-frame.ts';
import { groupBy } from '../../report/text/words.ts';

const IN_PROGRESS = 'in progress';

/**
 * The progress of a run on declared clusters, from its events, in clauses: `dev done`, `prod-eu failed`, `prod-us in progress`, `prod-ap
 * not started`.
 * @param isLost its process is gone: nothing is in progress any more
 */
export function progressClauses(events: readonly Event[], isLost: boolean): readonly string[] {
  const states = new Map<string, string>();
  for (const event of events) for (const [name, state] of statesBy(event, states)) states.set(name, state);
  return [...groupBy([...states], ([, state]) => state)].map(
    ([state, clusters]) =>
      `${nameList(clusters.map(([name]) => name))} ${isLost && state === IN_PROGRESS ? 'started and not finished' : state}`,
  );
}

/** The states of declared clusters that an event reports. @param reported states reported by earlier events */
function statesBy(event: Event, reported: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  switch (event.type) {
    case 'rollout-planned':
      return event.waves.flatMap(({ clusters }) => clusters.map((name) => [name, 'not started'] as const));
    case 'rollout-started':
      return event.clusters
        .flatMap((cluster) => stateOf(cluster, 'not started'))
        .filter(([name]) => !reported.has(name));
    // A cluster that has waited for its window is started a second time: the last state counts.
    case 'cluster-started':
      return stateOf(event.cluster, IN_PROGRESS);
    case 'window-shut':
      return stateOf(event.cluster, 'not started (window shut)');
    case 'cluster-finished':
      return stateOf(event.cluster, outcomeText(event.outcome));
    // They had ended well, and count as failed since they were observed again.
    case 'wave-settled':
      return event.failed.map(({ cluster }) => [cluster, outcomeText('failed')] as const);
    default:
      return [];
  }
}

function stateOf(cluster: ClusterRef, state: string): readonly (readonly [string, string])[] {
  return cluster.kind === 'declared' ? [[cluster.name, state]] : [];
}
