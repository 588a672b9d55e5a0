import { hasWork, isShut, isStarted, nameOf, type PlacedCluster } from './fleet-plan.ts';

/**
 * Why clusters that may start otherwise have to wait for others of their wave: `after prod-eu`, `when a place is free (4 at a
 * time)`. A cluster is started only if the budgets hold even when all clusters in progress fail.
 * @param maxFailed how many may fail over all waves; absent: any number
 * @param sideBySide how many clusters a run works on at the same time, as far as that is known
 */
export function turnsOf(
  clusters: readonly PlacedCluster[],
  maxFailed = Number.POSITIVE_INFINITY,
  sideBySide = Number.POSITIVE_INFINITY,
): ReadonlyMap<PlacedCluster, string> {
  const turns = new Map<PlacedCluster, string>();
  const candidates = clusters.filter((cluster) => isStarted(cluster) && hasWork(cluster) && !isShut(cluster));
  for (const name of new Set(candidates.map(({ wave }) => wave?.name))) {
    const own = candidates.filter(({ wave }) => wave?.name === name);
    const budget = Math.min(maxFailed, own[0]?.wave?.maxFailed ?? maxFailed);
    const places = Math.min(sideBySide, budget + 1);
    for (const [index, cluster] of own.entries()) {
      const before = own[index - 1];
      if (index < places || !before) continue;
      turns.set(cluster, places === 1 ? `after ${nameOf(before)}` : `when a place is free (${places} at a time)`);
    }
  }
  return turns;
}
