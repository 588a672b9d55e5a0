import { clusterText } from '../../core/cluster.ts';
import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { ClusterOutcome } from '../../core/events/play.ts';
import type { ClusterProgress, FleetProgress } from '../progress/fleet-progress.ts';
import type { Note } from '../progress/note.ts';
import type { PlayState } from '../progress/play-state.ts';
import { formatSeconds } from '../text/time.ts';
import { cutMiddle, padEnd, widest } from '../text/width.ts';
import { countedNames } from '../text/words.ts';
import { activityRows } from './host-rows.ts';
import { footerOf, headingRow } from './section-frame.ts';
import type { RowContext } from './task-row.ts';

/** The state of the tree for a play on parallel clusters. */
export interface FleetSection {
  readonly play: string;
  readonly progress: FleetProgress;
  /** Shown while it runs, if there is room: what Ctrl-C does. */
  readonly hint?: string;
  readonly notes: readonly Note[];
}

/** Notes may take this share of the screen. */
const FOOTER_SHARE = 1 / 3;
/** Rows reserved for clusters that need attention. */
const MIN_BAD_ROWS = 4;
/** A cluster's name takes at most this share of a row. */
const NAME_SHARE = 0.42;

/** The view while it runs, in at most `height` rows: running clusters, those that need attention, and the number of others. */
export function liveFleetFrame(section: FleetSection, context: RowContext, height: number): readonly string[] {
  const { clusters } = section.progress;
  const inProgress = clusters.filter(({ part }) => part);
  const bad = clusters.filter(({ end }) => end && end.outcome !== 'ok');
  const good = clusters.filter(({ end }) => end?.outcome === 'ok').length;
  const waiting = clusters.length - inProgress.length - bad.length - good;
  const nameWidth = nameColumn(clusters, context);
  const counts = countRows(good, waiting, 'more', context);
  const footerRoom = Math.floor(height * FOOTER_SHARE);
  const footer = footerOf(section, context, footerRoom).slice(-footerRoom);
  const room = Math.max(0, height - 1 - counts.length - footer.length);
  // Running clusters come first, but those that need attention are never completely hidden.
  const badRoom = Math.min(bad.length, Math.max(Math.min(room, MIN_BAD_ROWS), room - inProgress.length));
  const handRoom = room - badRoom;
  const row = (cluster: ClusterProgress) => clusterRow(cluster, nameWidth, context);
  const share = Math.max(0, Math.floor((handRoom - inProgress.length) / Math.max(1, inProgress.length)));
  const rows =
    inProgress.length > handRoom
      ? atMost(inProgress, handRoom, row, 'in progress', context)
      : inProgress.flatMap((cluster) => [row(cluster), ...activityOf(cluster.part, share, context)]);
  const attention = atMost(bad, badRoom, row, 'needing attention', context);
  return [heading(section, context), ...rows, ...attention, ...counts, ...footer].slice(0, height);
}

/** One row each, up to a number of rows; the last says how many are not shown. */
function atMost(
  clusters: readonly ClusterProgress[],
  room: number,
  row: (cluster: ClusterProgress) => string,
  what: string,
  { style }: RowContext,
): readonly string[] {
  if (clusters.length <= room) return clusters.map(row);
  const shown = clusters.slice(0, Math.max(0, room - 1));
  const others = `${style.marks.ellipsis} ${count(clusters.length - shown.length, 'more cluster')} ${what}`;
  return room < 1 ? [] : [...shown.map(row), style.colors.dim(others)];
}

/** The number of clusters without a row. @param waits `more` have not started yet */
function countRows(
  good: number,
  waiting: number,
  waits: 'more' | 'not started',
  { style: { colors, marks } }: RowContext,
): readonly string[] {
  const text = waits === 'more' ? count(waiting, 'more cluster') : `${count(waiting, 'cluster')} not started`;
  return [
    ...(good > 0 ? [`${colors.green(marks.done)} ${count(good, 'cluster')} done`] : []),
    ...(waiting > 0 ? [colors.dim(`${marks.waiting} ${text}`)] : []),
  ];
}

/** Up to this number, each cluster keeps a row at the end; with more, only those that need attention. */
const MAX_ROWS = 20;

/** The final view: the clusters, then all notes. */
export function finalFleetFrame(section: FleetSection, context: RowContext): readonly string[] {
  const { hint: _, ...rest } = section;
  const { clusters } = section.progress;
  const shown = clusters.length > MAX_ROWS ? clusters.filter(needsAttention) : clusters;
  const nameWidth = nameColumn(shown, context);
  const others = clusters.filter((cluster) => !shown.includes(cluster));
  const good = others.filter(({ end }) => end).length;
  return [
    heading(rest, context),
    ...shown.map((cluster) => clusterRow(cluster, nameWidth, context)),
    ...countRows(good, others.length - good, 'not started', context),
    ...footerOf(section, context),
  ];
}

function needsAttention({ end, part }: ClusterProgress): boolean {
  return part !== undefined || (end !== undefined && end.outcome !== 'ok');
}

function heading({ play, progress, hint }: FleetSection, context: RowContext): string {
  const { clusters, startedMs, wave } = progress;
  const done = clusters.filter(({ end }) => end).length;
  const of = wave ? `wave ${wave.wave}, ${wave.number} of ${wave.of}, ` : '';
  const part = `${of}${done} of ${count(clusters.length, 'cluster')}`;
  return headingRow({ play, part, startedMs, ...(hint !== undefined && { hint }) }, context);
}

function nameColumn(clusters: readonly ClusterProgress[], { style, width }: RowContext): number {
  const names = clusters.map(({ cluster }) => style.text(clusterText(cluster)));
  return Math.min(widest(names), Math.floor(width * NAME_SHARE));
}

/** `⠋ cluster prod-eu   Restart the control plane   2 of 3 hosts   12s`, `✔ cluster prod-us   done   3 hosts   38s`. */
function clusterRow(progress: ClusterProgress, nameWidth: number, context: RowContext): string {
  const { style, width } = context;
  const name = padEnd(cutMiddle(style.text(clusterText(progress.cluster)), nameWidth, style.marks.ellipsis), nameWidth);
  const row = `${markOf(progress, context)} ${[name, ...cellsOf(progress, context)].join('   ')}`.trimEnd();
  return style.cut(row, width);
}

function cellsOf({ part, end }: ClusterProgress, { style, nowMs }: RowContext): readonly string[] {
  if (end) return [outcomeText(end.outcome), count(end.hosts, 'host'), formatDuration(end.elapsedMs)];
  if (!part) return [style.colors.dim('not started')];
  const task = runningTask(part);
  const elapsed = formatSeconds(nowMs - part.startedMs);
  if (!task) return [count(part.hosts.length, 'host'), elapsed];
  return [style.text(task.name), `${task.doneCount} of ${count(task.hosts.length, 'host')}`, elapsed];
}

function markOf({ part, end }: ClusterProgress, { style, spinner }: RowContext): string {
  const { colors, marks } = style;
  if (part) return colors.cyan(spinner);
  if (!end) return marks.waiting;
  // A cluster that was held back by its window or an operator has not failed.
  if (end.outcome === 'cancelled') return colors.yellow(marks.warning);
  return end.outcome === 'ok' ? colors.green(marks.done) : colors.red(marks.failed);
}

function activityOf(part: PlayState | undefined, room: number, context: RowContext): readonly string[] {
  const task = part && runningTask(part);
  return task ? activityRows(task, room, context).map((row) => context.style.cut(`  ${row}`, context.width)) : [];
}

function runningTask({ tasks }: PlayState): PlayState['tasks'][number] | undefined {
  return tasks.find(({ state }) => state === 'running');
}

/** The result of a cluster, in a word or two. */
export function outcomeText(outcome: ClusterOutcome): string {
  switch (outcome) {
    case 'ok':
      return 'done';
    case 'cancelled':
      return 'not finished';
    case 'failed':
    case 'refused':
    case 'unreachable':
      return outcome;
  }
}

/** How a cluster starts, on those of its hosts that still take part. */
export function startText(hosts: readonly string[]): string {
  return hosts.length === 0 ? 'nothing is started on its hosts' : `started on ${countedNames(hosts)}`;
}
