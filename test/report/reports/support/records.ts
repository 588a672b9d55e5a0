import type { Event } from '../../../../src/core/events/event.ts';
import { lineStamp } from '../../../../src/core/events/line.ts';
import { type RunRecord, RunRecorder } from '../../../../src/report/reports/run-record.ts';
import { START } from '../../support/cluster.ts';
import type { Timed } from '../../support/runs.ts';

/** What reports are given of a run. */
export function recordOf(run: readonly Timed[]): RunRecord {
  let now = START;
  const stamp = lineStamp(() => now);
  const recorder = new RunRecorder();
  for (const [atMs, event] of [...run].sort(([a], [b]) => a - b)) {
    now = new Date(START.getTime() + atMs);
    recorder.take(stamp(event));
  }
  if (!recorder.record) throw new Error('nothing was begun');
  return recorder.record;
}

/** A run with one of each event, its texts replaced where a function says so. */
export function runOfAll(
  events: readonly Event[],
  text: (value: string) => string = (value) => value,
): readonly Timed[] {
  const kept = new Set(['type', 'outcome', 'action', 'kind', 'state', 'why', 'cause', 'path', 'counts']);
  const replaced = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string') return kept.has(name) ? value : text(value);
    if (Array.isArray(value)) return value.map((one) => replaced(one, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one, key)]));
  };
  return events.map((event, index) => [index, replaced(event) as Event]);
}
