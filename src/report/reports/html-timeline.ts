import { formatDuration } from '../../core/duration.ts';
import { nameList } from '../../core/name-list.ts';
import { axisRow, barRow, type Span } from '../html/span.ts';
import { htmlText } from '../html/text.ts';
import type { RecordedTask, RecordedUndo, RunRecord } from './run-record.ts';

/** A task that has ended, and when. */
interface TaskSpan {
  readonly host: string;
  readonly span: Span;
  readonly task: RecordedTask | undefined;
  readonly undo: RecordedUndo | undefined;
}

/** Of a shorter run, times are shown in milliseconds: in tenths of a second they would all be the same. */
const SHORT_MS = 1_000;

/** Waits shorter than this share of the run would be invisible. */
const MIN_VISIBLE_SHARE = 0.02;

const BAD = ['failed', 'unreachable', 'refused'];
const IDLE = ['skipped', 'cancelled', 'ok'];

/** When each task ran on a host within the run, and for which host it waited. */
export class Timelines {
  readonly #whole: Span;
  readonly #byHost = new Map<string, TaskSpan[]>();
  /** All ends of tasks in order: the last one before a host continues ended its wait. */
  readonly #ends: readonly TaskSpan[];

  constructor({ plays, startedAt, end }: RunRecord) {
    const from = Date.parse(startedAt);
    const taskSpans = plays.flatMap(({ tasks, undos }) => [
      ...tasks.map((task) => ({ host: task.host, span: spanOfEnd(task), task, undo: undefined })),
      ...undos.map((undo) => ({ host: undo.host, span: spanOfEnd(undo), task: undefined, undo })),
    ]);
    for (const taskSpan of taskSpans) {
      const own = this.#byHost.get(taskSpan.host);
      if (own) own.push(taskSpan);
      else this.#byHost.set(taskSpan.host, [taskSpan]);
    }
    this.#ends = taskSpans.toSorted((a, b) => a.span.to - b.span.to);
    this.#whole = {
      from,
      // At least as long as its axis has sections, so that the middle has a time of its own.
      to: Math.max(from + 2, Date.parse(end?.endedAt ?? startedAt), this.#ends.at(-1)?.span.to ?? 0),
    };
  }

  /** The timeline of a host; empty if nothing ran on it. */
  of(host: string): string {
    const own = this.#byHost.get(host) ?? [];
    if (own.length === 0) return '';
    const rows = own.flatMap((taskSpan, index) => [...this.#wait(own[index - 1], taskSpan), this.#row(taskSpan)]);
    const waits = rows.some((row) => row.startsWith('<li class="w"'))
      ? '<span class="key w">waits for others</span>'
      : '';
    const { from } = this.#whole;
    const axis = axisRow(this.#whole, (moment) => this.#time(moment - from));
    return `<h3>Timeline${waits}</h3><ul class="rows">${axis}${rows.join('')}</ul>`;
  }

  #time(milliseconds: number): string {
    if (this.#whole.to - this.#whole.from < SHORT_MS) return `${Math.round(milliseconds)}ms`;
    return milliseconds === 0 ? '0s' : formatDuration(milliseconds);
  }

  #row({ span, task, undo }: TaskSpan): string {
    const took = this.#time(span.to - span.from);
    if (task) {
      const kind = BAD.includes(task.outcome) ? 'f' : IDLE.includes(task.outcome) ? 's' : '';
      return barRow(kind, htmlText(task.task.name), span, this.#whole, `${task.outcome} · ${took}`);
    }
    const succeeded = undo?.succeeded === true;
    const outcome = undo?.remaining ? 'partly restored' : 'restored';
    const failed = undo?.unproven ? 'restored, but not proven' : 'not restored';
    const text = `${succeeded ? outcome : failed} · ${took}`;
    return barRow(succeeded ? '' : 'f', 'Restore', span, this.#whole, text);
  }

  /** The time between two tasks of a host while others were still running. */
  #wait(before: TaskSpan | undefined, after: TaskSpan): readonly string[] {
    if (!before) return [];
    const gap: Span = { from: before.span.to, to: after.span.from };
    if (gap.to - gap.from < MIN_VISIBLE_SHARE * (this.#whole.to - this.#whole.from)) return [];
    const others = this.#endingIn(gap, after.host);
    if (others.length === 0) return [];
    const name = `waits for ${htmlText(nameList(others, 3))}`;
    return [barRow('w', name, gap, this.#whole, this.#time(gap.to - gap.from))];
  }

  /** The other hosts whose task ended last within a span, which let this host continue. */
  #endingIn({ from, to }: Span, host: string): readonly string[] {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle]?.span.to ?? Infinity) <= to) low = middle + 1;
      else high = middle;
    }
    const last = this.#ends[low - 1];
    if (!last || last.span.to <= from) return [];
    const together: string[] = [];
    for (let at = low - 1; at >= 0 && this.#ends[at]?.span.to === last.span.to && together.length < 100; at -= 1) {
      const other = this.#ends[at]?.host;
      if (other !== undefined && other !== host) together.push(other);
    }
    return [...new Set(together)].reverse();
  }
}

function spanOfEnd({ time, elapsedMs }: { readonly time: string; readonly elapsedMs: number }): Span {
  const to = Date.parse(time);
  return { from: to - elapsedMs, to };
}
