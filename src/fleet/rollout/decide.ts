/** How a cluster of a rollout is. `left`: its window did not let it be changed; it is no failure. */
export type ClusterState = 'waiting' | 'running' | 'ok' | 'failed' | 'left';

/** What is known of a rollout at a moment. */
export interface Situation {
  readonly waves: readonly {
    /** So many of its clusters may fail. */
    readonly maxFailed: number;
    readonly clusters: readonly ClusterProgress[];
    /** Nothing is left to wait for and to look at when its clusters have ended. */
    readonly isSettled: boolean;
    /** It may begin. */
    readonly isApproved: boolean;
  }[];
  /** So many clusters may fail over all waves. */
  readonly maxFailed: number;
  /** So many are worked on at the same time at most, from 1. */
  readonly sideBySide: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By the word of an operator: nothing is begun for now, or ever. */
  readonly halt?: 'paused' | 'aborted';
}

export interface ClusterProgress {
  readonly name: string;
  readonly state: ClusterState;
  /** Of one that waits: it may not be begun before this moment, in milliseconds since the epoch. It is read of no more than are needed. */
  readonly opens?: number | undefined;
}

/** What is to be done next. */
export type Decision =
  /** These clusters may be begun now; at least one. */
  | { readonly kind: 'start'; readonly clusters: readonly string[] }
  /** Nothing, before a cluster has ended, that moment has come, or an operator has said something. */
  | { readonly kind: 'wait'; readonly until?: number }
  /** A wave, given by its number from 0, may begin when somebody approves it. */
  | { readonly kind: 'approve'; readonly wave: number }
  /** All clusters of a wave, given by its number from 0, have ended: they are left alone, and looked at again. */
  | { readonly kind: 'settle'; readonly wave: number }
  /** More clusters have failed than may: nothing is begun any more, and what was begun has ended. `wave`: its number from 0, where it was the budget of a wave. */
  | { readonly kind: 'stopped'; readonly failed: number; readonly maxFailed: number; readonly wave?: number }
  /** A wave, given by its number from 0, has ended with clusters that were left as they are: it tells nothing of those behind it, which are left as well. */
  | { readonly kind: 'held'; readonly wave: number }
  /** An operator has aborted the run, and what was begun has ended. */
  | { readonly kind: 'aborted' }
  /** Every cluster has ended. */
  | { readonly kind: 'done' };

/**
 * What may be begun next, given what is known. A cluster is begun only when the budgets hold even if it and all that run fail: at most
 * one cluster more than `maxFailed` ever fails, of a wave as of the whole, however many go side by side. A wave begins when all of the
 * one before it have ended, none was left, and it has settled. While the run is paused what was begun is brought to its end.
 */
export function decide({ waves, maxFailed, sideBySide, now, halt }: Situation): Decision {
  const all = waves.flatMap(({ clusters }) => clusters);
  const running = count(all, 'running');
  const over = overspent(waves, maxFailed);
  if (over) return running > 0 ? { kind: 'wait' } : { kind: 'stopped', ...over };
  const index = waves.findIndex((each) => !hasEnded(each));
  const wave = waves[index];
  if (!wave) return { kind: 'done' };
  if (halt === 'aborted') return running > 0 ? { kind: 'wait' } : { kind: 'aborted' };
  if (!wave.clusters.some(isUnfinished)) return { kind: 'settle', wave: index };
  const held = waves.slice(0, index).findIndex(({ clusters }) => count(clusters, 'left') > 0);
  if (held >= 0) return { kind: 'held', wave: held };
  if (halt === 'paused') return { kind: 'wait' };
  if (!wave.isApproved) return { kind: 'approve', wave: index };
  const waiting = wave.clusters.filter(({ state }) => state === 'waiting');
  const room = Math.min(sideBySide - running, roomOf(all, maxFailed), roomOf(wave.clusters, wave.maxFailed));
  if (room <= 0) return { kind: 'wait' };
  const clusters = firstOpen(waiting, now, room);
  if (clusters.length > 0) return { kind: 'start', clusters };
  const opens = waiting.flatMap((cluster) => cluster.opens ?? []);
  return opens.length > 0 ? { kind: 'wait', until: Math.min(...opens) } : { kind: 'wait' };
}

/** The first of these that may be begun now, so many at most: windows of those behind them are not asked. */
function firstOpen(waiting: readonly ClusterProgress[], now: number, room: number): readonly string[] {
  const found: string[] = [];
  for (const cluster of waiting) {
    if (found.length === room) break;
    if ((cluster.opens ?? now) <= now) found.push(cluster.name);
  }
  return found;
}

/** All of its clusters have ended, and nothing is left to wait for. */
export function hasEnded({ clusters, isSettled }: Situation['waves'][number]): boolean {
  return isSettled && !clusters.some(isUnfinished);
}

function isUnfinished({ state }: ClusterProgress): boolean {
  return state === 'waiting' || state === 'running';
}

/** How many more may be begun of these so that, if all that run fail, not more than one above the budget has failed. */
function roomOf(clusters: readonly ClusterProgress[], maxFailed: number): number {
  return maxFailed + 1 - count(clusters, 'failed') - count(clusters, 'running');
}

/** The budget that is exceeded, if one is: that of the whole first. */
function overspent(
  waves: Situation['waves'],
  maxFailed: number,
): { readonly failed: number; readonly maxFailed: number; readonly wave?: number } | undefined {
  const failed = count(
    waves.flatMap(({ clusters }) => clusters),
    'failed',
  );
  if (failed > maxFailed) return { failed, maxFailed };
  const wave = waves.findIndex((each) => count(each.clusters, 'failed') > each.maxFailed);
  const found = waves[wave];
  return found && { failed: count(found.clusters, 'failed'), maxFailed: found.maxFailed, wave };
}

function count(clusters: readonly ClusterProgress[], wanted: ClusterState): number {
  return clusters.filter(({ state }) => state === wanted).length;
}
