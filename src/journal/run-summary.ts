import { clusterText } from '../core/cluster.ts';
import type { Event } from '../core/events/event.ts';
import type { HostRecap } from '../core/events/recap.ts';
import type { RunFinishedEvent } from '../core/events/run.ts';
import { isFinished, STOP_TEXTS, stateText } from '../core/host-state.ts';
import type { JournalEntry, StartEntry } from '../core/journal.ts';
import type { JournalRecord } from './journal-line.ts';
import type { JournalReading } from './read-journal.ts';

/**
 * The result of a run: the worst that happened, as in exit codes. `declined`: the user did not want its plan applied. `running`: its process exists. `lost`: its process is gone and has
 * reported no end. `not ended`: the same, but on another machine, where it may still be running. `not followed`: a Temporal server keeps
 * the rollout, and the process that followed it is gone.
 */
export type RunResultWord =
  | 'changed'
  | 'unchanged'
  | 'failed'
  | 'refused'
  | 'declined'
  | 'unreachable'
  | 'interrupted'
  | 'bug'
  | 'running'
  | 'lost'
  | 'not followed'
  | 'not ended';

/** The state of a host at the end of a run or of its journal. */
export interface HostEnd {
  readonly host: string;
  /** In words, from the recap if there is one. */
  readonly state: string;
  /** The host is as it should be, or as it was before the run. */
  readonly isWell: boolean;
  /**
   * It is as it should be now, however earlier runs have left it: the run went through its tasks there, or changed it. Not when the run
   * did not come to it, or restored what it had found.
   */
  readonly isSettled?: true;
}

/** What `kplay history` shows of a run. */
export interface RunSummary {
  readonly id: string;
  /** Undefined when the start of its journal cannot be read. */
  readonly start: StartEntry | undefined;
  readonly startedAt: Date | undefined;
  readonly result: RunResultWord;
  readonly exitCode: number | undefined;
  /** Undefined for a run without an end. */
  readonly elapsedMs: number | undefined;
  readonly clusters: readonly string[];
  readonly hosts: readonly HostEnd[];
  readonly damage: readonly string[];
  readonly isOlder: boolean;
  readonly isUnread: boolean;
  readonly isNewer: boolean;
}

/** Whether the process of a run exists; undefined if unknown. */
export type IsRunning = (start: StartEntry) => boolean | undefined;

/** Summarises a run from its journal. */
export function summaryOf(id: string, reading: JournalReading, isRunning: IsRunning): RunSummary {
  const { records, damage, isOlder = false, isUnread = false, isNewer } = reading;
  const first = records.find(({ entry }) => entry.type === 'start');
  const start = first?.entry.type === 'start' ? first.entry : undefined;
  const finished = eventsOf(records).findLast((event) => event.type === 'run-finished');
  const end = records.findLast(({ entry }) => entry.type === 'end')?.entry;
  const exitCode = end?.type === 'end' ? end.exitCode : finished?.exitCode;
  // Asking the system takes longer than reading what a short journal says.
  const isAlive = start && !(finished && exitCode !== undefined) ? isRunning(start) : undefined;
  const hosts = finished ? finished.hosts.map(endOfRecap) : hostsWithoutEnd(reading, start, isAlive);
  return {
    id,
    start,
    startedAt: first?.time,
    result: exitCode === undefined ? stateWithoutEnd(start, isAlive) : resultWord(exitCode, finished),
    exitCode,
    elapsedMs: finished?.elapsedMs,
    clusters: clustersOf(records, start),
    hosts,
    damage,
    isOlder,
    isUnread,
    isNewer,
  };
}

/** The events of a run. */
export function eventsOf(records: readonly JournalRecord[]): readonly Event[] {
  return records.flatMap(({ entry }) => (entry.type === 'event' ? [entry.event] : []));
}

function stateWithoutEnd(start: StartEntry | undefined, isAlive: boolean | undefined): RunResultWord {
  switch (isAlive) {
    case true:
      return 'running';
    case false:
      return isRunByWorkers(start) ? 'not followed' : 'lost';
    case undefined:
      return 'not ended';
  }
}

/** Whether workers carry out the run: then the journal on this machine contains only what was reported to it. */
function isRunByWorkers(start: StartEntry | undefined): boolean {
  return start?.recipe?.options['engine'] !== undefined;
}

function resultWord(exitCode: number, finished: RunFinishedEvent | undefined): RunResultWord {
  const hosts = finished?.hosts ?? [];
  const isLeft = hosts.some(({ stopped }) => stopped?.code === 'not-followed');
  switch (exitCode) {
    case 0:
      return hosts.some(({ changed }) => changed > 0) ? 'changed' : 'unchanged';
    case 1:
    case 2:
      return 'failed';
    case 3:
      return finished?.declined ? 'declined' : 'refused';
    case 4:
      return isLeft ? 'not followed' : 'unreachable';
    case 130:
      return isLeft ? 'not followed' : 'interrupted';
    default:
      return 'bug';
  }
}

const GOOD_STATES: readonly string[] = ['changed', 'unchanged', 'restored'];

function endOfRecap(recap: HostRecap): HostEnd {
  const isWell = recap.left?.isWell ?? GOOD_STATES.includes(recap.state);
  const isSettled = recap.state === 'changed' || (recap.state === 'unchanged' && isFinished(recap));
  return { host: recap.host, state: stateText(recap), isWell, ...(isSettled && { isSettled }) };
}

/** The changes made by workers are reported at the end of their rollout. */
const DONE_BY_WORKERS = 'well; its changes are reported at the end';

/**
 * The state of the hosts of a run without an end, from what it had started on them. Unknown if the journal is damaged: a run continues when
 * entries are lost.
 * @param isAlive whether its process, or the one that follows workers, exists; undefined if unknown
 */
function hostsWithoutEnd(
  { records, damage }: JournalReading,
  start: StartEntry | undefined,
  isAlive: boolean | undefined,
): readonly HostEnd[] {
  const ends = new Map<string, HostEnd>();
  const record = (end: HostEnd): void => void ends.set(end.host, end);
  const why = whyUnknown(damage, start, isAlive);
  for (const host of start?.hosts ?? [])
    record(why === undefined ? goodEnd(host, 'unchanged') : badEnd(host, `unknown: ${why}`));
  const changed = new Set<string>();
  const started = new Map<string, readonly string[]>();
  const doneState = (host: string): string => (changed.has(host) ? 'changed' : 'unchanged');
  for (const { entry } of records) {
    // Finished clusters keep their state, wherever the run is now.
    for (const host of entry.type === 'event' ? finishedHosts(entry.event, started) : [])
      record(goodEnd(host, isRunByWorkers(start) ? DONE_BY_WORKERS : doneState(host)));
    if (entry.type === 'done') changed.add(entry.host);
    const end = endAfter(entry, isAlive === true);
    if (end) record(end);
  }
  return [...ends.values()];
}

/** Why the state of hosts that are not in the journal is unknown. */
function whyUnknown(
  damage: JournalReading['damage'],
  start: StartEntry | undefined,
  isAlive: boolean | undefined,
): string | undefined {
  if (damage.length > 0) return 'the journal is damaged';
  if (!isRunByWorkers(start)) return undefined;
  return isAlive === false ? STOP_TEXTS['not-followed'] : 'workers carry out the rollout';
}

function goodEnd(host: string, state: string): HostEnd {
  return { host, state, isWell: true };
}

function badEnd(host: string, state: string): HostEnd {
  return { host, state, isWell: false };
}

/** The state of a host after its last entry. @param isAlive the run is in progress, so more entries follow */
function endAfter(entry: JournalEntry, isAlive: boolean): HostEnd | undefined {
  switch (entry.type) {
    case 'intent':
      return badEnd(entry.host, isAlive ? `in '${entry.task}'` : `unknown: the journal ends in '${entry.task}'`);
    case 'done':
      return badEnd(
        entry.host,
        isAlive ? `in progress, past '${entry.task}'` : `partly changed: the journal ends after '${entry.task}'`,
      );
    case 'failed':
      return entry.unchanged
        ? goodEnd(entry.host, 'unchanged')
        : badEnd(entry.host, `partly changed: '${entry.task}' failed`);
    case 'undo':
      if (entry.unproven && entry.remaining.length === 0)
        return badEnd(entry.host, `restored, but not proven: ${entry.message}`);
      if (!entry.succeeded) return badEnd(entry.host, 'partly changed: it could not be restored');
      if (entry.remaining.length === 0) return goodEnd(entry.host, 'restored');
      return badEnd(
        entry.host,
        isAlive
          ? `being restored: ${entry.step} is done`
          : `partly restored: ${entry.step} is done, but according to the journal not ${entry.remaining.join(', ')}`,
      );
    default:
      return undefined;
  }
}

/** The hosts of a cluster whose successful end this event reports. @param started the hosts of each started cluster; events add to it */
function finishedHosts(event: Event, started: Map<string, readonly string[]>): readonly string[] {
  if (event.type === 'cluster-started') started.set(clusterText(event.cluster), event.hosts);
  if (event.type !== 'cluster-finished' || event.outcome !== 'ok') return [];
  return started.get(clusterText(event.cluster)) ?? [];
}

function clustersOf(records: readonly JournalRecord[], start: StartEntry | undefined): readonly string[] {
  const found = eventsOf(records).flatMap((event) =>
    event.type === 'cluster-started' && event.cluster.kind !== 'none' ? [event.cluster.name] : [],
  );
  return [...new Set([...(start?.clusters ?? []), ...found])];
}
