import { DAY_MS } from '../core/duration.ts';
import { describeSystemError } from '../core/system-error.ts';
import type { RunStart, RunStore } from './run-store.ts';
import { type IsRunning, type RunSummary, summaryOf } from './run-summary.ts';

/** Which runs are kept: the most recent ones, up to a number, and all that are younger than a given age. */
export interface Retention {
  readonly runs: number;
  readonly ageMs: number;
}

export const DEFAULT_RETENTION: Retention = { runs: 200, ageMs: 400 * DAY_MS };

/** How many runs were there, and what became of those that need not be kept. */
export interface Pruning {
  readonly runs: number;
  readonly removed: number;
  readonly failed: readonly { readonly id: string; readonly why: string }[];
}

/**
 * Removes the runs that need not be kept. One that cannot be removed stops none of the others.
 * @throws {Error} of the file system, when the runs cannot be listed.
 */
export function pruneRuns(store: RunStore, retention: Retention, now: Date, isRunning: IsRunning): Pruning {
  const runs = store.ordered();
  const summaries = hasOldRuns(runs, retention, now)
    ? runs.map(({ id }) => summaryOf(id, store.readBriefly(id), isRunning))
    : [];
  const obsolete = obsoleteRuns(summaries, retention, now);
  const failed = obsolete.flatMap((id) => {
    try {
      store.remove(id);
      return [];
    } catch (error) {
      return [{ id, why: describeSystemError(error) }];
    }
  });
  return { runs: runs.length, removed: obsolete.length - failed.length, failed };
}

/**
 * The runs that need not be kept: neither among the last nor young. A run that may be in progress is kept, and one that left a host in a
 * bad state is kept until a later run has been through on that host.
 * @param runs in the order in which they started.
 */
export function obsoleteRuns(runs: readonly RunSummary[], retention: Retention, now: Date): readonly string[] {
  const healed = new Set<string>();
  const obsolete: string[] = [];
  for (const [fromEnd, run] of runs.toReversed().entries()) {
    if (
      isOld(run, fromEnd, retention, now) &&
      hasEnded(run) &&
      run.hosts.every(({ host, isWell }) => isWell || healed.has(host))
    )
      obsolete.push(run.id);
    for (const { host, isSettled } of run.hosts) if (isSettled) healed.add(host);
  }
  return obsolete.reverse();
}

/** Whether any run may be old enough to be removed. A quick check of first lines only; `obsoleteRuns` decides. */
export function hasOldRuns(runs: readonly RunStart[], retention: Retention, now: Date): boolean {
  return runs.toReversed().some((run, fromEnd) => isOld(run, fromEnd, retention, now));
}

/** Whether a run that starts now, after the latest of the others, is the first of a day in UTC; also if that cannot be told. */
export function isFirstOfDay(latest: Pick<RunStart, 'startedAt'> | undefined, now: Date): boolean {
  return latest?.startedAt === undefined || dayOf(latest.startedAt) !== dayOf(now);
}

/** NaN, which equals nothing, for a time that cannot be read. */
function dayOf(time: Date): number {
  return Math.floor(time.getTime() / DAY_MS);
}

function isOld(
  run: Pick<RunSummary, 'id' | 'startedAt'>,
  fromEnd: number,
  { runs, ageMs }: Retention,
  now: Date,
): boolean {
  return fromEnd >= runs && (startOf(run)?.getTime() ?? now.getTime()) < now.getTime() - ageMs;
}

/** Whether a run has ended, as far as can be told: not if it has no end and is another machine's. One of which nothing can be read has. */
function hasEnded({ result, start, damage }: RunSummary): boolean {
  if (result === 'running') return false;
  return result !== 'not ended' || (start === undefined && damage.length > 0);
}

/** When it started, according to its journal or else its id. */
function startOf({ id, startedAt }: Pick<RunSummary, 'id' | 'startedAt'>): Date | undefined {
  if (startedAt) return startedAt;
  const time = id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, '$1-$2-$3T$4:$5:$6Z');
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
