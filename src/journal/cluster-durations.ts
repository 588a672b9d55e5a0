import type { Event } from '../core/events/event.ts';
import type { HostRecap } from '../core/events/recap.ts';
import type { StartEntry } from '../core/journal.ts';
import type { Json } from '../core/json.ts';
import { type JournalRecord, parseJournalLine } from './journal-line.ts';
import { eventsOf } from './run-summary.ts';

/** How long a run took on a cluster on which it changed something. */
export interface ClusterDuration {
  readonly cluster: string;
  /** Hosts of the cluster that took part. */
  readonly hosts: number;
  /** Hosts that were changed. */
  readonly changed: number;
  readonly elapsedMs: number;
}

/** The work of a run. Only durations of the same work are comparable. */
export interface Work {
  /** As typed: `run`, `rollback`. */
  readonly command: string;
  /** For commands with a playbook. */
  readonly playbook?: PlaybookWork;
}

/** A playbook, and which part of it runs. */
export interface PlaybookWork {
  /** Absolute. */
  readonly path: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask: string | undefined;
}

/** The entries and events from which durations are computed. */
const DURATION_TYPES = [
  'start',
  'cluster-started',
  'batch-started',
  'cluster-finished',
  'play-finished',
  'run-finished',
];

/** States of hosts that ended well. */
const GOOD_STATES: readonly string[] = ['changed', 'unchanged'];

/** The records of a journal from which durations are computed; damaged lines are skipped. */
export function durationRecords(text: string): readonly JournalRecord[] {
  return text
    .split('\n')
    .filter((line) => DURATION_TYPES.some((type) => line.includes(`"type":"${type}"`)))
    .flatMap((line) => parseJournalLine(line) ?? []);
}

/**
 * How long the declared clusters of a run took: those where a host was changed and all hosts ended well. A run that failed, was restored,
 * resumes another or had nothing to do says nothing about the duration. A cluster that needed several windows counts once, with the sum.
 */
export function clusterDurations(records: readonly JournalRecord[], work: Work): readonly ClusterDuration[] {
  const start = records.find(({ entry }) => entry.type === 'start')?.entry;
  const events = eventsOf(records);
  const finished = events.findLast((event) => event.type === 'run-finished');
  if (start?.type !== 'start' || !finished || !isOfWork(start, work)) return [];
  return [...elapsedOf(start, records)].flatMap(([cluster, { elapsedMs, isAlone }]) => {
    const own = finished.hosts.filter((host) => isAlone || isCluster(cluster, host));
    const changed = own.filter((host) => host.changed > 0).length;
    const isGood = own.every(({ state }) => GOOD_STATES.includes(state)) && changed > 0;
    return isGood ? [{ cluster, hosts: own.length, changed, elapsedMs }] : [];
  });
}

/**
 * Whether a run did that work, and took as long as the work takes, according to its first entry. Three kinds of runs do not count: one that
 * resumes another did only a part of the work, one with `--step` waited for a person, and one with `--engine` waited for workers, on whose
 * machines the runs of clusters are recorded.
 */
export function isOfWork({ command, recipe, resumes }: StartEntry, work: Work): boolean {
  if (command !== work.command || resumes !== undefined) return false;
  if (recipe?.options['step'] === true || recipe?.options['engine'] !== undefined) return false;
  const { playbook } = work;
  if (!playbook) return true;
  if (recipe?.playbook !== playbook.path) return false;
  const { tags, skipTags, startAtTask } = recipe.options;
  return (
    isSameSet(tags, playbook.tags) && isSameSet(skipTags, playbook.skipTags) && startAtTask === playbook.startAtTask
  );
}

function isSameSet(kept: Json | undefined, given: readonly string[]): boolean {
  const one = new Set(Array.isArray(kept) ? kept : []);
  return given.every((tag) => one.has(tag)) && one.size === new Set(given).size;
}

function isCluster(name: string, { cluster }: HostRecap): boolean {
  return cluster?.kind === 'declared' && cluster.name === name;
}

/**
 * Milliseconds by cluster. A run on a single cluster has no events about clusters, so the duration of its plays counts.
 *
 * Before its first batch a cluster of a rollout waits for checks, and for somebody who has paused the run, perhaps overnight. That has
 * no part in what has to fit into a window: whether it fits is judged after it.
 */
function elapsedOf(
  { clusters }: StartEntry,
  records: readonly JournalRecord[],
): ReadonlyMap<string, { readonly elapsedMs: number; readonly isAlone: boolean }> {
  const sums = new Map<string, { elapsedMs: number; isAlone: boolean }>();
  const add = (name: string, elapsedMs: number, isAlone: boolean): void =>
    void sums.set(name, { elapsedMs: (sums.get(name)?.elapsedMs ?? 0) + elapsedMs, isAlone });
  const [only, ...others] = clusters;
  const events = eventsOf(records);
  const isAlone = only !== undefined && others.length === 0 && !events.some(({ type }) => type === 'cluster-started');
  const begun = new Map<string, Date>();
  for (const { time, entry } of records) {
    if (entry.type !== 'event') continue;
    const { event } = entry;
    if (event.type === 'play-finished' && isAlone) add(only, event.elapsedMs, true);
    const name = declaredCluster(event);
    if (name === undefined) continue;
    if (event.type === 'cluster-started') begun.delete(name);
    if (event.type === 'batch-started' && !begun.has(name)) begun.set(name, time);
    const began = begun.get(name);
    // Without a batch its window was shut, or nothing was started.
    if (event.type === 'cluster-finished' && began) add(name, time.getTime() - began.getTime(), false);
  }
  return sums;
}

function declaredCluster(event: Event): string | undefined {
  return 'cluster' in event && event.cluster?.kind === 'declared' ? event.cluster.name : undefined;
}
