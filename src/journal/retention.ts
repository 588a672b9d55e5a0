import type { RunStart } from './run-store.ts';
import type { RunSummary } from './run-summary.ts';

/** Which runs are kept: the last ones, so many of them, and all that are younger than a time. */
export interface Retention {
  readonly runs: number;
  readonly ageMs: number;
}

const DAY_MS = 86_400_000;

export const DEFAULT_RETENTION: Retention = { runs: 200, ageMs: 400 * DAY_MS };

/**
 * The runs that need not be kept: neither among the last nor young. One that may be in progress is kept, and one that left a
 * host otherwise than well is kept until a later run has left that host well.
 * @param runs in the order in which they began.
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
    if (run.exitCode !== undefined) for (const { host, isWell } of run.hosts) if (isWell) healed.add(host);
  }
  return obsolete.reverse();
}

/** Whether any run may be old enough to be removed. A quick look at first lines only; `obsoleteRuns` decides which are. */
export function hasOldRuns(runs: readonly RunStart[], retention: Retention, now: Date): boolean {
  return runs.toReversed().some((run, fromEnd) => isOld(run, fromEnd, retention, now));
}

function isOld(
  run: Pick<RunSummary, 'id' | 'startedAt'>,
  fromEnd: number,
  { runs, ageMs }: Retention,
  now: Date,
): boolean {
  return fromEnd >= runs && (startOf(run)?.getTime() ?? now.getTime()) < now.getTime() - ageMs;
}

/** Whether a run has surely ended: not when it is another machine's and has no end, nor when nothing of its journal can be read. */
function hasEnded({ result, start, damage }: RunSummary): boolean {
  if (result === 'running') return false;
  return result !== 'not ended' || (start === undefined && damage.length > 0);
}

/** When it began, by its journal, or else by its id. */
function startOf({ id, startedAt }: Pick<RunSummary, 'id' | 'startedAt'>): Date | undefined {
  if (startedAt) return startedAt;
  const time = id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, '$1-$2-$3T$4:$5:$6Z');
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
