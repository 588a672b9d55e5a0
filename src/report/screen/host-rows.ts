import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { TaskOutcome } from '../../core/events/task.ts';
import type { Activity, StageProgress, TaskProgress } from '../progress/task-progress.ts';
import { summarizeHost } from '../progress/task-summary.ts';
import type { Style } from '../text/style.ts';
import { formatSeconds } from '../text/time.ts';
import { cutMiddle, displayWidth, padEnd, widest } from '../text/width.ts';
import type { RowContext } from './task-row.ts';

/** More hosts than this are counted instead of listed. */
const MAX_LISTED = 20;
/** Of counted hosts, this many that have waited longest are named. */
const MAX_NAMED = 8;
/** Longer names do not shift the texts of the other hosts. */
const MAX_NAME_WIDTH = 40;
/** A task without messages from hosts lists them after this time: most tasks have ended by then. */
const QUIET_MS = 2_000;

/** The rows below a running task, at most `room`: its stages, and all or some of its hosts. */
export function activityRows(task: TaskProgress, room: number, context: RowContext): readonly string[] {
  const stages = task.stages.map((stage) => stageRow(task, stage, context)).slice(-Math.max(0, room));
  const stage = task.stages.findLast(({ elapsedMs }) => elapsedMs === undefined);
  if (stage === undefined && stages.length > 0) return stages;
  if (stage) return [...stages, ...hostRows(task, stage.hosts, '    ', room - stages.length, context)];
  const others = othersRow(task, context);
  return [...hostRows(task, task.begun, '  ', room - others.length, context), ...others].slice(0, Math.max(0, room));
}

/** The number of hosts that have not reached the task yet. */
function othersRow({ hosts, begun }: TaskProgress, { style: { colors, marks } }: RowContext): readonly string[] {
  const others = hosts.length - begun.length;
  return others === 0 ? [] : [colors.dim(`  ${marks.waiting} ${count(others, 'more host')}`)];
}

function stageRow(task: TaskProgress, stage: StageProgress, { style, width, spinner }: RowContext): string {
  const { colors, marks } = style;
  const name = style.text(stage.stage);
  if (stage.elapsedMs === undefined) return style.cut(`  ${colors.cyan(spinner)} ${name}`, width);
  const mark = task.isStageGood(stage) ? colors.green(marks.done) : colors.red(marks.failed);
  const nameWidth = widest(task.stages.map((other) => style.text(other.stage)));
  const cells = [padEnd(name, nameWidth), count(stage.hosts.length, 'host'), formatDuration(stage.elapsedMs)];
  return style.cut(`  ${mark} ${cells.join('   ')}`, width);
}

function hostRows(
  task: TaskProgress,
  hosts: readonly string[],
  indent: string,
  room: number,
  context: RowContext,
): readonly string[] {
  const hasMessages = hosts.some((host) => task.activity(host) || task.result(host));
  if (room < 1 || (!hasMessages && task.elapsedMs(context.nowMs) < QUIET_MS)) return [];
  const listed =
    hosts.length <= Math.min(MAX_LISTED, room) ? hosts : slowest(task, hosts, Math.min(MAX_NAMED, room - 1));
  const nameWidth = Math.min(MAX_NAME_WIDTH, widest(listed.map(context.style.text)));
  const rows = listed.map((host) => hostRow(task, host, indent, nameWidth, context));
  const running = hosts.filter((host) => !task.result(host)).length;
  const named = listed.filter((host) => !task.result(host)).length;
  if (running === named) return rows;
  // With fewer `forks` than hosts, some of them only wait for their turn: no event tells which.
  const others = rows.length === 0 ? count(running, 'host') : `${running - named} more`;
  return [...rows, `${indent}${context.style.marks.ellipsis} ${others} not finished`];
}

/** The hosts that have waited longest. */
function slowest(task: TaskProgress, hosts: readonly string[], limit: number): readonly string[] {
  return hosts
    .flatMap((host) => {
      const activity = task.result(host) ? undefined : task.activity(host);
      return activity ? [{ host, sinceMs: activity.sinceMs }] : [];
    })
    .sort((a, b) => a.sinceMs - b.sinceMs)
    .slice(0, limit)
    .map(({ host }) => host);
}

function hostRow(task: TaskProgress, host: string, indent: string, nameWidth: number, context: RowContext): string {
  const { style, width, spinner } = context;
  const result = task.result(host);
  const mark = result ? outcomeMark(result.outcome, style) : style.colors.cyan(spinner);
  const name = padEnd(cutMiddle(style.text(host), nameWidth, style.marks.ellipsis), nameWidth);
  const lead = `${indent}${mark} ${name}   `;
  if (result) return style.cut(`${lead}${style.text(summarizeHost(result))}`.trimEnd(), width);
  const activity = task.activity(host);
  return activity ? activityRow(lead, activity, context) : style.cut(lead.trimEnd(), width);
}

/** What a host is doing, after `lead`. The text is shortened first, because the elapsed time matters more. */
export function activityRow(lead: string, activity: Activity, { style, width, nowMs }: RowContext): string {
  const time = ` (${elapsedWords(activity, nowMs)})`;
  const text = style.cut(style.text(activity.message), width - displayWidth(lead) - displayWidth(time));
  return style.cut(`${lead}${text}${style.colors.dim(time)}`, width);
}

function elapsedWords({ sinceMs, limitMs }: Activity, nowMs: number): string {
  const elapsed = formatSeconds(nowMs - sinceMs);
  return limitMs === undefined ? elapsed : `${elapsed} of ${formatSeconds(limitMs)}`;
}

function outcomeMark(outcome: TaskOutcome, { colors, marks }: Style): string {
  switch (outcome) {
    case 'ok':
    case 'changed':
      return colors.green(marks.done);
    case 'skipped':
      return colors.dim(marks.skipped);
    case 'failed':
    case 'unreachable':
    case 'refused':
      return colors.red(marks.failed);
    case 'ignored':
      return colors.yellow(marks.failed);
    case 'cancelled':
      return colors.dim(marks.waiting);
  }
}
