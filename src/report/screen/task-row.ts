import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { TaskProgress } from '../progress/task-progress.ts';
import { summarize } from '../progress/task-summary.ts';
import type { Style } from '../text/style.ts';
import { formatSeconds } from '../text/time.ts';
import { padEnd } from '../text/width.ts';

/** The context for drawing rows. */
export interface RowContext {
  readonly style: Style;
  /** The width of a row. */
  readonly width: number;
  /** The current time, in milliseconds of the clock. */
  readonly nowMs: number;
  /** The mark of things in progress. */
  readonly spinner: string;
}

/** A task in one row, its name padded to `nameWidth`: `✔ Regenerate certificates   3 hosts   4.8s   30 certificates`. */
export function taskRow(task: TaskProgress, nameWidth: number, context: RowContext): string {
  const { style, width } = context;
  const name = padEnd(style.cut(style.text(task.name), nameWidth), nameWidth);
  const row = `${taskMark(task, context)} ${[name, ...taskCells(task, context)].join('  ')}`.trimEnd();
  return style.cut(task.state === 'waiting' ? style.colors.dim(row) : row, width);
}

function taskCells(task: TaskProgress, { style, nowMs }: RowContext): readonly string[] {
  const total = task.hosts.length;
  switch (task.state) {
    case 'waiting':
      return [];
    case 'running': {
      const hosts = total > 1 ? `${task.doneCount} of ${total} hosts` : count(total, 'host');
      return [hosts, formatSeconds(task.elapsedMs(nowMs))];
    }
    case 'ended': {
      const elapsed = formatDuration(task.elapsedMs(nowMs));
      return [padEnd(count(total, 'host'), 7), padEnd(elapsed, 5), style.text(summarize(task.results))];
    }
  }
}

function taskMark(task: TaskProgress, { style, spinner }: RowContext): string {
  const { colors, marks } = style;
  switch (task.state) {
    case 'waiting':
      return marks.waiting;
    case 'running':
      return colors.cyan(spinner);
    case 'ended':
      if (!task.isGood) return colors.red(marks.failed);
      return task.results.every(({ outcome }) => outcome === 'skipped')
        ? colors.dim(marks.skipped)
        : colors.green(marks.done);
  }
}
