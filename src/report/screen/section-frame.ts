import { count } from '../../core/count.ts';
import type { Note } from '../progress/note.ts';
import type { UndoProgress } from '../progress/play-state.ts';
import type { TaskProgress } from '../progress/task-progress.ts';
import { formatSeconds, formatStopwatch } from '../text/time.ts';
import { displayWidth, widest } from '../text/width.ts';
import { activityRow, activityRows } from './host-rows.ts';
import { markLeads, noteLines } from './note-text.ts';
import { type RowContext, taskRow } from './task-row.ts';

/** The state of the tree: a play whose hosts are being connected, then each of its batches. */
export interface Section {
  readonly play: string;
  /** The cluster, if the play has several: `cluster prod`. */
  readonly cluster?: string;
  /** `recovery`; absent before the play is planned. */
  readonly order?: string;
  /** The part of the play, if it has several: `batch 2 of 3: prod-m2`. */
  readonly part?: string;
  readonly startedMs: number;
  /** Shown while it runs, if there is room: what Ctrl-C does. */
  readonly hint?: string;
  /** Connecting and observing, if it is part of this section. */
  readonly connecting?: TaskProgress;
  readonly tasks: readonly TaskProgress[];
  /** Hosts that are being restored. */
  readonly undos: ReadonlyMap<string, UndoProgress>;
  readonly notes: readonly Note[];
}

/** With fewer rows than this for the details of running tasks, the other tasks are counted instead of listed. */
const MIN_ACTIVITY_ROWS = 6;
/** Notes may take this share of the screen, and all free rows. */
const FOOTER_SHARE = 1 / 3;
/** A play's name is not shortened further to make room for the hint. */
const MIN_PLAY_WIDTH = 24;
/** A task's name takes at most this share of a row. */
const NAME_SHARE = 0.42;

/** The view while it runs, in at most `height` rows. */
export function liveFrame(section: Section, context: RowContext, height: number): readonly string[] {
  const tasks = allTasks(section);
  const running = tasks.filter(({ state }) => state === 'running');
  const activity = running.length > 0 ? MIN_ACTIVITY_ROWS : 0;
  const footerRoom = Math.max(Math.floor(height * FOOTER_SHARE), height - 1 - tasks.length - activity);
  const footer = [...footerOf(section, context, footerRoom), ...undoRows(section, context)].slice(-footerRoom);
  const isTight = 1 + tasks.length + activity + footer.length > height;
  const ended = isTight ? endedCount(tasks, context) : [];
  const waiting = isTight ? waitingCount(tasks, context) : [];
  const listed = isTight ? running : tasks;
  const room = height - 1 - ended.length - listed.length - waiting.length - footer.length;
  const share = Math.floor(room / Math.max(1, running.length));
  const nameWidth = nameColumn(tasks, context);
  const rows = listed.flatMap((task) => {
    const row = taskRow(task, nameWidth, context);
    return task.state === 'running' ? [row, ...activityRows(task, share, context)] : [row];
  });
  return [headingRow(section, context), ...ended, ...rows, ...waiting, ...footer].slice(0, height);
}

/** The final view: every task in one row, then all notes. */
export function finalFrame(section: Section, context: RowContext): readonly string[] {
  const notes = footerOf(section, context);
  const { hint: _, ...rest } = section;
  const shown = section.tasks.some(({ state }) => state !== 'waiting') ? rest : { ...rest, tasks: [] };
  if (shown.tasks.length === 0 && section.connecting?.isGood !== false) return notes.slice(1);
  const tasks = allTasks(shown);
  const nameWidth = nameColumn(tasks, context);
  const rows = tasks.map((task) => {
    const row = taskRow(task, nameWidth, context);
    return task.state === 'waiting' ? row + context.style.colors.dim('   not started') : row;
  });
  return [headingRow(shown, context), ...rows, ...notes];
}

function allTasks({ connecting, tasks }: Section): readonly TaskProgress[] {
  return connecting ? [connecting, ...tasks] : tasks;
}

function nameColumn(tasks: readonly TaskProgress[], { style, width }: RowContext): number {
  return Math.min(widest(tasks.map(({ name }) => style.text(name))), Math.floor(width * NAME_SHARE));
}

/** `Renew the leaf certificates · recovery · 00:19      Ctrl-C finishes the current step`. */
export function headingRow(
  section: Pick<Section, 'play' | 'cluster' | 'order' | 'part' | 'startedMs' | 'hint'>,
  { style, width, nowMs }: RowContext,
): string {
  const facts = [section.cluster, section.order, section.part, formatStopwatch(nowMs - section.startedMs)].flatMap(
    (fact) => (fact === undefined ? [] : [style.text(fact)]),
  );
  const dot = ` ${style.marks.dot} `;
  const tail = dot + facts.join(dot);
  const play = style.text(section.play);
  const room = width - displayWidth(tail);
  const hint = section.hint === undefined ? '' : `   ${style.text(section.hint)}`;
  const withHint = room - displayWidth(hint);
  if (hint === '' || withHint < Math.min(MIN_PLAY_WIDTH, displayWidth(play))) {
    return style.cut(style.colors.bold(style.cut(play, room)) + tail, width);
  }
  const name = style.cut(play, withHint);
  return style.colors.bold(name) + tail + ' '.repeat(withHint - displayWidth(name)) + style.colors.dim(hint);
}

function endedCount(tasks: readonly TaskProgress[], { style }: RowContext): readonly string[] {
  const ended = tasks.filter(({ state }) => state === 'ended');
  if (ended.length === 0) return [];
  const bad = ended.filter(({ isGood }) => !isGood).length;
  if (bad === 0) return [`${style.colors.green(style.marks.done)} ${count(ended.length, 'task')} done`];
  return [`${style.colors.red(style.marks.failed)} ${count(ended.length, 'task')} done, ${bad} not on all hosts`];
}

function waitingCount(tasks: readonly TaskProgress[], { style }: RowContext): readonly string[] {
  const waiting = tasks.filter(({ state }) => state === 'waiting').length;
  return waiting === 0 ? [] : [style.colors.dim(`${style.marks.waiting} ${count(waiting, 'more task')}`)];
}

function undoRows({ undos }: Section, context: RowContext): readonly string[] {
  const { style, width, nowMs, spinner } = context;
  return [...undos].flatMap(([host, { because, sinceMs, activity }]) => {
    const text = `${style.text(host)} being restored: ${style.text(because)} (${formatSeconds(nowMs - sinceMs)})`;
    const row = style.cut(`${style.colors.yellow(spinner)} ${text}`, width);
    return activity ? [row, activityRow('  ', activity, context)] : [row];
  });
}

/** The notes, below an empty line. @param room for the last rows of them: what cannot be seen is not laid out */
export function footerOf(
  { notes }: Pick<Section, 'notes'>,
  { style, width }: RowContext,
  room = Number.POSITIVE_INFINITY,
): readonly string[] {
  if (notes.length === 0) return [];
  // Each note has a row at least.
  const last = notes.slice(-Math.max(1, room));
  return ['', ...last.flatMap((note) => noteLines(note, markLeads(style), style, width))];
}
