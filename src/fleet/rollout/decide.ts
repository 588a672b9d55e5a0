/** The state of a cluster in a rollout. `left`: its window did not allow changing it; that is no failure. */
export type ClusterState = 'waiting' | 'running' | 'ok' | 'failed' | 'left';

/** The state of a rollout at a point in time. */
export interface Situation {
  readonly waves: readonly {
    /** How many of its clusters may fail. */
    readonly maxFailed: number;
    readonly clusters: readonly ClusterProgress[];
    /** The soak of the wave is over, or it needs none. */
    readonly isSettled: boolean;
    /** It may start. */
    readonly isApproved: boolean;
    /** If one of its clusters has failed, the next wave does not start. */
    readonly stopsOnFailure?: boolean;
  }[];
  /** How many clusters may fail over all waves. */
  readonly maxFailed: number;
  /** The maximum number at the same time, at least 1. */
  readonly sideBySide: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Set by an operator: nothing is started for now, or ever. */
  readonly halt?: 'paused' | 'aborted';
}

export interface ClusterProgress {
  readonly name: string;
  readonly state: ClusterState;
  /**
   * A waiting cluster may not be started before this time, in milliseconds since the epoch. Read only for as many clusters as
   * needed.
   */
  readonly opens?: number | undefined;
}

/** What to do next. */
export type Decision =
  /** Start these clusters of a wave, given by its index; at least one. */
  | { readonly kind: 'start'; readonly wave: number; readonly clusters: readonly string[] }
  /** Nothing, until a cluster has ended, that time (milliseconds since the epoch) has come, or an operator has sent a signal. */
  | { readonly kind: 'wait'; readonly until?: number }
  /** Wait for approval of a wave, given by its index. */
  | { readonly kind: 'approve'; readonly wave: number }
  /** All clusters of a wave, given by its index, have ended: leave them alone, then observe them again. */
  | { readonly kind: 'settle'; readonly wave: number }
  /**
   * Too many clusters have failed, and those in progress have ended. `wave`: the index of the wave whose budget is exceeded,
   * if it is not that of the whole.
   */
  | { readonly kind: 'stopped'; readonly failed: number; readonly maxFailed: number; readonly wave?: number }
  /**
   * A wave, given by its index, has ended with clusters that were left unchanged or failed: it proves nothing for later ones,
   * which are left as well.
   */
  | {
      readonly kind: 'held';
      readonly wave: number;
      /** Somebody has approved the next one, but before being told what has failed. */
      readonly isApprovedTooEarly?: true;
    }
  /** An operator has aborted the run, and the clusters in progress have ended. */
  | { readonly kind: 'aborted' }
  /** Every cluster has ended. */
  | { readonly kind: 'done' };

/**
 * What to start next. A cluster is started only if the budgets hold even when it and all running ones fail: at most one
 * cluster more than `maxFailed` ever fails, of a wave as of the whole, whatever the parallelism. A wave starts when all of the
 * previous one have ended, none was left or has failed where that counts, and it has settled. While the run is paused,
 * clusters in progress are finished.
 */
export function decide({ waves, maxFailed, sideBySide, now, halt }: Situation): Decision {
  const counts = waves.map(countsOf);
  const all = counts.reduce(sumOf, NO_CLUSTERS);
  const over = exceededBudget(waves, counts, all.failed, maxFailed);
  if (over) return all.running > 0 ? { kind: 'wait' } : { kind: 'stopped', ...over };
  const index = waves.findIndex(({ isSettled }, each) => !isSettled || isUnfinished(counts[each]));
  const [wave, own] = [waves[index], counts[index]];
  if (!wave || !own) return { kind: 'done' };
  if (halt === 'aborted') return all.running > 0 ? { kind: 'wait' } : { kind: 'aborted' };
  if (!isUnfinished(own)) return { kind: 'settle', wave: index };
  const held = holdingWave(waves, counts.slice(0, index));
  if (held >= 0) return { kind: 'held', wave: held };
  if (halt === 'paused') return { kind: 'wait' };
  if (!wave.isApproved) return { kind: 'approve', wave: index };
  const limit = Math.min(sideBySide - all.running, failureBudget(all, maxFailed), failureBudget(own, wave.maxFailed));
  if (limit <= 0) return { kind: 'wait' };
  const clusters = firstOpen(wave.clusters, now, limit);
  if (clusters.length > 0) return { kind: 'start', wave: index, clusters };
  const opens = wave.clusters.flatMap((cluster) => (cluster.state === 'waiting' ? (cluster.opens ?? []) : []));
  return opens.length > 0 ? { kind: 'wait', until: Math.min(...opens) } : { kind: 'wait' };
}

/** How many clusters are ever in progress at the same time: the budgets limit that as well. */
export function mostAtOnce(
  waves: readonly { readonly clusters: readonly unknown[]; readonly maxFailed: number }[],
  { maxFailed, sideBySide }: Pick<Situation, 'maxFailed' | 'sideBySide'>,
): number {
  return waves.reduce(
    (most, wave) => Math.max(most, Math.min(sideBySide, maxFailed + 1, wave.maxFailed + 1, wave.clusters.length)),
    0,
  );
}

/** The first of the waiting ones that may be started now, up to the limit: later windows are not evaluated. */
function firstOpen(clusters: readonly ClusterProgress[], now: number, limit: number): readonly string[] {
  const found: string[] = [];
  for (const cluster of clusters) {
    if (found.length === limit) break;
    if (cluster.state === 'waiting' && (cluster.opens ?? now) <= now) found.push(cluster.name);
  }
  return found;
}

/** Whether all of its clusters have ended, and its soak is over. */
export function hasEnded({ clusters, isSettled }: Situation['waves'][number]): boolean {
  return isSettled && !clusters.some(({ state }) => state === 'waiting' || state === 'running');
}

/** How many clusters are in each state. */
type Counts = Readonly<Record<ClusterState, number>>;

const NO_CLUSTERS: Counts = { waiting: 0, running: 0, ok: 0, failed: 0, left: 0 };

/** In one pass: a rollout decides at every start and every end of thousands of clusters. */
function countsOf({ clusters }: Pick<Situation['waves'][number], 'clusters'>): Counts {
  const counts = { ...NO_CLUSTERS };
  for (const { state } of clusters) counts[state] += 1;
  return counts;
}

function sumOf(a: Counts, b: Counts): Counts {
  return {
    waiting: a.waiting + b.waiting,
    running: a.running + b.running,
    ok: a.ok + b.ok,
    failed: a.failed + b.failed,
    left: a.left + b.left,
  };
}

function isUnfinished(counts: Counts = NO_CLUSTERS): boolean {
  return counts.waiting + counts.running > 0;
}

/**
 * The index of the wave that keeps the next one from starting; -1: none. Failures count for the next wave only: what lies
 * between has been approved.
 * @param ended the counts of the waves before the next one
 */
function holdingWave(waves: Situation['waves'], ended: readonly Counts[]): number {
  const left = ended.findIndex((counts) => counts.left > 0);
  const last = ended.length - 1;
  return left < 0 && waves[last]?.stopsOnFailure && (ended[last]?.failed ?? 0) > 0 ? last : left;
}

/** How many more of these may be started so that, even if all running ones fail, the budget is exceeded by one at most. */
function failureBudget({ failed, running }: Counts, maxFailed: number): number {
  return maxFailed + 1 - failed - running;
}

/** The budget that is exceeded, if one is; that of the whole comes first. @param failed in all waves */
function exceededBudget(
  waves: Situation['waves'],
  counts: readonly Counts[],
  failed: number,
  maxFailed: number,
): { readonly failed: number; readonly maxFailed: number; readonly wave?: number } | undefined {
  if (failed > maxFailed) return { failed, maxFailed };
  for (const [wave, { maxFailed: allowed }] of waves.entries()) {
    const own = counts[wave]?.failed ?? 0;
    if (own > allowed) return { failed: own, maxFailed: allowed, wave };
  }
  return undefined;
}
