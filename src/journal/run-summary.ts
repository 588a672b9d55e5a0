import { clusterText } from '../core/cluster.ts';
import type { Event } from '../core/events/event.ts';
import type { HostRecap } from '../core/events/recap.ts';
import { NOT_FOLLOWED, stateText } from '../core/host-state.ts';
import type { JournalEntry, StartEntry } from '../core/journal.ts';
import type { JournalRecord } from './journal-line.ts';
import type { JournalReading } from './read-journal.ts';

/**
 * What a run has come to: the gravest thing that happened, as exit codes have it; `running` while its process is there, `lost` when
 * that ended without a word, `not ended` when it is, or was, that of another machine. `not followed`: a Temporal server keeps the rollout,
 * and its process has ended before it.
 */
export type RunResultWord =
  | 'changed'
  | 'unchanged'
  | 'failed'
  | 'refused'
  | 'unreachable'
  | 'interrupted'
  | 'bug'
  | 'running'
  | 'lost'
  | 'not followed'
  | 'not ended';

/** A host at the end of a run, or where its journal ends. */
export interface HostEnd {
  readonly host: string;
  /** In words; that of the recap for hosts that have one. */
  readonly state: string;
  /** The host is as it should be, or as it was before. */
  readonly isWell: boolean;
}

/** What `kplay history` shows of a run. */
export interface RunSummary {
  readonly id: string;
  /** Undefined when the beginning of its journal cannot be read. */
  readonly start: StartEntry | undefined;
  readonly startedAt: Date | undefined;
  readonly result: RunResultWord;
  readonly exitCode: number | undefined;
  /** Undefined for a run without an end. */
  readonly elapsedMs: number | undefined;
  readonly clusters: readonly string[];
  readonly hosts: readonly HostEnd[];
  readonly damage: readonly string[];
  readonly isNewer: boolean;
}

/** Whether the process of a run exists; undefined where that cannot be known. */
export type IsRunning = (start: StartEntry) => boolean | undefined;

/** The summary of a run, from its journal. */
export function summaryOf(id: string, reading: JournalReading, isRunning: IsRunning): RunSummary {
  const { records, damage, isNewer } = reading;
  const first = records.find(({ entry }) => entry.type === 'start');
  const start = first?.entry.type === 'start' ? first.entry : undefined;
  const finished = eventsOf(records).findLast((event) => event.type === 'run-finished');
  const end = records.findLast(({ entry }) => entry.type === 'end')?.entry;
  const exitCode = end?.type === 'end' ? end.exitCode : finished?.exitCode;
  const isThere = start && isRunning(start);
  const hosts = finished ? finished.hosts.map(endOfRecap) : hostsWithoutEnd(reading, start, isThere);
  return {
    id,
    start,
    startedAt: first?.time,
    result: exitCode === undefined ? stateWithoutEnd(start, isThere) : resultWord(exitCode, finished?.hosts ?? []),
    exitCode,
    elapsedMs: finished?.elapsedMs,
    clusters: clustersOf(records, start),
    hosts,
    damage,
    isNewer,
  };
}

/** The events of a run. */
export function eventsOf(records: readonly JournalRecord[]): readonly Event[] {
  return records.flatMap(({ entry }) => (entry.type === 'event' ? [entry.event] : []));
}

function stateWithoutEnd(start: StartEntry | undefined, isThere: boolean | undefined): RunResultWord {
  switch (isThere) {
    case true:
      return 'running';
    case false:
      return isKeptElsewhere(start) ? 'not followed' : 'lost';
    case undefined:
      return 'not ended';
  }
}

/** Whether workers carry the run out: its journal here holds only what this machine was told. */
function isKeptElsewhere(start: StartEntry | undefined): boolean {
  return start?.recipe?.options['engine'] !== undefined;
}

function resultWord(exitCode: number, hosts: readonly HostRecap[]): RunResultWord {
  const isLeft = hosts.some(({ stopped }) => stopped?.at === NOT_FOLLOWED);
  switch (exitCode) {
    case 0:
      return hosts.some(({ changed }) => changed > 0) ? 'changed' : 'unchanged';
    case 2:
      return 'failed';
    case 3:
      return 'refused';
    case 4:
      return isLeft ? 'not followed' : 'unreachable';
    case 130:
      return isLeft ? 'not followed' : 'interrupted';
    default:
      return 'bug';
  }
}

const WELL: readonly string[] = ['changed', 'unchanged', 'restored'];

function endOfRecap(recap: HostRecap): HostEnd {
  return { host: recap.host, state: stateText(recap), isWell: WELL.includes(recap.state) };
}

/** What workers have changed is told with the end of their rollout. */
const DONE_ELSEWHERE = 'well; its changes are reported at the end';

/**
 * The state of the hosts of a run without an end, by what it had begun on them. With a damaged journal that is unknown: a run goes on without it.
 * @param isThere its process, or whoever follows what workers do; undefined where that cannot be known
 */
function hostsWithoutEnd(
  { records, damage }: JournalReading,
  start: StartEntry | undefined,
  isThere: boolean | undefined,
): readonly HostEnd[] {
  const ends = new Map<string, HostEnd>();
  const note = (end: HostEnd): void => void ends.set(end.host, end);
  const why = whyUnknown(damage, start, isThere);
  for (const host of start?.hosts ?? [])
    note(why === undefined ? well(host, 'unchanged') : unwell(host, `unknown: ${why}`));
  const changed = new Set<string>();
  const started = new Map<string, readonly string[]>();
  const doneState = (host: string): string => (changed.has(host) ? 'changed' : 'unchanged');
  for (const { entry } of records) {
    // The clusters that are through stay what they are, wherever the run is now.
    for (const host of entry.type === 'event' ? hostsThrough(entry.event, started) : [])
      note(well(host, isKeptElsewhere(start) ? DONE_ELSEWHERE : doneState(host)));
    if (entry.type === 'done') changed.add(entry.host);
    const end = endAt(entry);
    if (end) note(end);
  }
  return [...ends.values()];
}

/** Why it is not known what a host is like of which the journal says nothing. */
function whyUnknown(
  damage: JournalReading['damage'],
  start: StartEntry | undefined,
  isThere: boolean | undefined,
): string | undefined {
  if (damage.length > 0) return 'the journal is damaged';
  if (!isKeptElsewhere(start)) return undefined;
  return isThere === false ? NOT_FOLLOWED : 'workers carry out the rollout';
}

function well(host: string, state: string): HostEnd {
  return { host, state, isWell: true };
}

function unwell(host: string, state: string): HostEnd {
  return { host, state, isWell: false };
}

/** The host of an entry, where its journal ends there. */
function endAt(entry: JournalEntry): HostEnd | undefined {
  switch (entry.type) {
    case 'intent':
      return unwell(entry.host, `unknown: the journal ends in '${entry.task}'`);
    case 'done':
      return unwell(entry.host, `partly changed: the journal ends after '${entry.task}'`);
    case 'failed':
      return unwell(entry.host, `partly changed: '${entry.task}' failed`);
    case 'undo':
      return entry.succeeded
        ? well(entry.host, 'restored')
        : unwell(entry.host, 'partly changed: it could not be restored');
    default:
      return undefined;
  }
}

/** The hosts of a cluster that has ended well with this event. @param started the hosts of each cluster that has started; grows */
function hostsThrough(event: Event, started: Map<string, readonly string[]>): readonly string[] {
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
