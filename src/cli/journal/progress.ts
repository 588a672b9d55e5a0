import type { Event } from '../../core/events/event.ts';
import { outcomeText } from '../../report/fleet-frame.ts';
import { groupBy, nameList } from '../../report/words.ts';

/** How far a run over declared clusters is by what it has told, in clauses: `dev done`, `prod-eu failed`, `prod-us in progress`, `prod-ap not started`. */
export function progressClauses(events: readonly Event[]): readonly string[] {
  const states = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'rollout-planned')
      for (const name of event.waves.flatMap(({ clusters }) => clusters)) states.set(name, 'not started');
    if (event.type === 'rollout-started')
      for (const cluster of event.clusters)
        if (cluster.kind === 'declared' && !states.has(cluster.name)) states.set(cluster.name, 'not started');
    if (event.type !== 'cluster-started' && event.type !== 'cluster-finished') continue;
    // One that has waited for its window is begun once more: the last counts.
    if (event.cluster.kind === 'declared')
      states.set(event.cluster.name, event.type === 'cluster-started' ? 'in progress' : outcomeText(event.outcome));
  }
  return [...groupBy([...states], ([, state]) => state)].map(
    ([state, clusters]) => `${nameList(clusters.map(([name]) => name))} ${state}`,
  );
}
