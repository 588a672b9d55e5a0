import { hasWork, isShut, isStarted, nameOf, type PlacedCluster } from './fleet-plan.ts';

/** How many clusters may be in progress together, as far as that is known; absent: any number. */
interface Limits {
  /** How many may fail over all waves. */
  readonly maxFailed: number | undefined;
  readonly sideBySide: number | undefined;
  /** Clusters outside their windows are started, too. */
  readonly areWindowsOverridden: boolean;
}

/**
 * Why clusters that may start otherwise have to wait for others of their wave: `after prod-eu`, `when a place is free (4 at a
 * time)`. A cluster is started only if the budgets hold even when all clusters in progress fail.
 */
export function turnsOf(
  clusters: readonly PlacedCluster[],
  { maxFailed = Number.POSITIVE_INFINITY, sideBySide = Number.POSITIVE_INFINITY, areWindowsOverridden }: Limits,
): ReadonlyMap<PlacedCluster, string> {
  const turns = new Map<PlacedCluster, string>();
  const candidates = clusters.filter(
    (cluster) => isStarted(cluster) && hasWork(cluster) && (areWindowsOverridden || !isShut(cluster)),
  );
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
