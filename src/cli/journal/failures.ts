import { lineStamp } from '../../core/events/line.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';
import { RunRecorder } from '../../report/reports/run-record.ts';
import { type Failure, failuresOf, failureText, together } from '../../report/reports/summary.ts';
import { evidenceLines } from '../../report/text/evidence.ts';
import type { Style } from '../../report/text/style.ts';
import { hang } from '../../report/text/width.ts';

/** How many failures, and how many details of one, are shown unless all are wanted. */
const MOST_FAILURES = 20;
const MOST_DETAILS = 6;

/** What went wrong in a run so far. */
export function failuresIn(records: readonly JournalRecord[]): readonly Failure[] {
  const recorder = new RunRecorder();
  let now = new Date(0);
  const stamp = lineStamp(() => now);
  for (const { time, entry } of records) {
    if (entry.type !== 'event') continue;
    now = time;
    recorder.take(stamp(entry.event));
  }
  return recorder.record ? failuresOf(recorder.record) : [];
}

/** Each failure with its evidence, hosts that failed alike together; what to do is said once. */
export function failureLines(
  failures: readonly Failure[],
  isWhole: boolean,
  style: Style,
  width: number,
): readonly string[] {
  if (failures.length === 0) return [];
  const alike = together(failures);
  const shown = isWhole ? alike : alike.slice(0, MOST_FAILURES);
  const explained = new Set<string>();
  const lines = shown.flatMap((failure) => {
    const { reason, remedy, code, details } = failure;
    const advice = { ...(remedy !== undefined && { remedy }), ...(code !== undefined && { code }) };
    const isNew = !explained.has(JSON.stringify(advice));
    explained.add(JSON.stringify(advice));
    const visible = isWhole ? details : details.slice(0, MOST_DETAILS);
    return [
      ...hang('  ', style.text(`${failureText(failure)}: ${reason}`), width),
      ...evidenceLines({ details: visible }, '  ', style, width),
      ...moreLine(details.length - visible.length, '      ', style),
      ...(isNew ? evidenceLines(advice, '  ', style, width) : []),
    ];
  });
  return ['What went wrong:', ...lines, ...moreLine(alike.length - shown.length, '  ', style)];
}

function moreLine(hidden: number, indent: string, { marks, colors }: Style): readonly string[] {
  return hidden === 0 ? [] : [colors.dim(`${indent}${marks.ellipsis} ${hidden} more (-v shows all)`)];
}
