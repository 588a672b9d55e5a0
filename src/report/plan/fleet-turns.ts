import { count } from '../../core/count.ts';
import type { WavePlan } from '../../core/events/rollout.ts';
import type { FleetPlanShown } from '../reporter.ts';
import { hasWork, isLeft, isShut, isStarted, nameOf, type PlacedCluster, totalsOf } from './fleet-plan.ts';

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

/** What ends a rollout before its last cluster. */
interface Stops {
  /** How many clusters may fail over all waves; absent: any number. */
  readonly maxFailed: number | undefined;
  /** What a run does with clusters outside their windows, if that is known. */
  readonly whenShut: FleetPlanShown['whenShut'];
}

/**
 * Why clusters of a rollout would not start: so many of those before them cannot be changed, and count as failed when their turn
 * comes, or are outside their windows. In a clause.
 */
export function stopsBefore(
  clusters: readonly PlacedCluster[],
  { maxFailed, whenShut }: Stops,
): ReadonlyMap<PlacedCluster, string> {
  const stopped = new Map<PlacedCluster, string>();
  const failing: PlacedCluster[] = [];
  let why: string | undefined;
  for (const wave of new Set(clusters.flatMap((cluster) => cluster.wave ?? []))) {
    const own = clusters.filter((cluster) => cluster.wave === wave);
    const failingHere: PlacedCluster[] = [];
    for (const cluster of own) {
      if (why !== undefined) stopped.set(cluster, why);
      else if (isFailing(cluster)) {
        failing.push(cluster);
        failingHere.push(cluster);
        why = whyTooMany(failing, maxFailed, '') ?? whyTooMany(failingHere, wave.maxFailed, ` of wave ${wave.name}`);
      }
    }
    why ??= whyHeld(
      wave,
      own.filter((cluster) => isLeft(cluster, whenShut)),
      failingHere,
    );
  }
  return stopped;
}

function whyTooMany(failing: readonly PlacedCluster[], most: number | undefined, where: string): string | undefined {
  if (most === undefined || failing.length <= most) return undefined;
  return `${cannot(failing)}, and only ${most}${where} may fail (max_failed)`;
}

/** Why no later wave starts after this one. */
function whyHeld(
  { name, stopsOnFailure }: WavePlan,
  shut: readonly PlacedCluster[],
  failing: readonly PlacedCluster[],
): string | undefined {
  const first = `and wave ${name} comes first`;
  if (shut.length > 0)
    return `${subject(shut, 'is held back by its windows', 'are held back by their windows')}, ${first}`;
  return stopsOnFailure && failing.length > 0 ? `${cannot(failing)}, ${first}` : undefined;
}

/** Whether it counts as failed when its turn comes, unless something changes before. */
function isFailing(cluster: PlacedCluster): boolean {
  return !isStarted(cluster) || cluster.unreachable.length > 0 || totalsOf(cluster).refused > 0;
}

function cannot(clusters: readonly PlacedCluster[]): string {
  return subject(clusters, 'has hosts that cannot be changed', 'have hosts that cannot be changed');
}

/** `prod-eu is`, `2 clusters are`. */
function subject(clusters: readonly PlacedCluster[], one: string, several: string): string {
  const [only] = clusters;
  return only && clusters.length === 1 ? `${nameOf(only)} ${one}` : `${count(clusters.length, 'cluster')} ${several}`;
}
