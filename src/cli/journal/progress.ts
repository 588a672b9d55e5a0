import type { ClusterRef } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';
import { outcomeText } from '../../report/fleet-frame.ts';
import { groupBy, nameList } from '../../report/words.ts';

/** How far a run over declared clusters is by what it has told, in clauses: `dev done`, `prod-eu failed`, `prod-us in progress`, `prod-ap not started`. */
export function progressClauses(events: readonly Event[]): readonly string[] {
  const states = new Map<string, string>();
  for (const event of events) for (const [name, state] of statesBy(event, states)) states.set(name, state);
  return [...groupBy([...states], ([, state]) => state)].map(
    ([state, clusters]) => `${nameList(clusters.map(([name]) => name))} ${state}`,
  );
}

/** What an event says about declared clusters, by name. @param known what earlier ones have said */
function statesBy(event: Event, known: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  switch (event.type) {
    case 'rollout-planned':
      return event.waves.flatMap(({ clusters }) => clusters.map((name) => [name, 'not started'] as const));
    case 'rollout-started':
      return event.clusters.flatMap((cluster) => stateOf(cluster, 'not started')).filter(([name]) => !known.has(name));
    // One that has waited for its window is started once more: the last counts.
    case 'cluster-started':
      return stateOf(event.cluster, 'in progress');
    case 'cluster-finished':
      return stateOf(event.cluster, outcomeText(event.outcome));
    default:
      return [];
  }
}

function stateOf(cluster: ClusterRef, state: string): readonly (readonly [string, string])[] {
  return cluster.kind === 'declared' ? [[cluster.name, state]] : [];
}
