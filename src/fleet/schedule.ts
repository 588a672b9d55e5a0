import type { Calendar, Window } from '../calendar/model.ts';
import { readClosed } from '../calendar/read-closed.ts';
import { readWindows } from '../calendar/read-window.ts';
import { stateAt } from '../calendar/state.ts';
import { calendarText, stateText, zoneOf } from '../calendar/text.ts';
import type { ClusterWindow } from '../core/cluster.ts';
import type { Problems } from '../core/diagnostic.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import type { Tree } from '../core/yaml.ts';
import type { Cluster } from '../inventory/inventory.ts';

/** How long a run on a cluster is expected to take where the inventory does not say. */
const DEFAULT_EXPECTED = '30m';
const MINUTE = 60_000;

/** When a cluster may be changed. */
export interface ClusterSchedule {
  readonly name: string;
  readonly calendar: Calendar;
  /** Milliseconds that a run on it is expected to take. */
  readonly expected: number;
}

/** The schedules of the clusters that say when they may be changed, by name. What is wrong is added to `problems`. */
export function readSchedules(
  clusters: ReadonlyMap<string, Cluster>,
  problems: Problems,
): ReadonlyMap<string, ClusterSchedule> {
  return new Map(
    [...clusters.values()].flatMap((cluster) => {
      const { name, window, closed, expected } = cluster;
      if (!window && !closed) {
        if (expected)
          problems.error(
            `cluster ${name} says how long a run on it takes, and not when it may be changed`,
            expected.range,
            "add window: or closed:, or remove 'expected'",
          );
        return [];
      }
      const windows = window ? readWindows(window, problems) : [];
      const closures = closed
        ? readClosed(
            closed,
            windows.map(({ zone }) => zone),
            problems,
          )
        : [];
      const takes = readExpected(expected, problems);
      for (const each of windows) checkLength(each, takes, expected !== undefined, problems);
      return [[name, { name, calendar: { windows, closed: closures }, expected: takes }] as const];
    }),
  );
}

function readExpected(tree: Tree | undefined, problems: Problems): number {
  if (!tree) return parseDuration(DEFAULT_EXPECTED);
  try {
    return parseDuration(tree.kind === 'scalar' ? tree.raw : '');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.error("'expected' is how long a run on the cluster takes", tree.range, 'write it like 30m or 1h30m');
    return parseDuration(DEFAULT_EXPECTED);
  }
}

function checkLength({ from, to, range, text }: Window, expected: number, isSaid: boolean, problems: Problems): void {
  const lasts = (to - from) * MINUTE;
  if (lasts >= expected) return;
  const takes = formatDuration(expected);
  problems.error(
    `${text} lasts ${formatDuration(lasts)}, and a run on the cluster is expected to take ${takes}: it would never begin`,
    range,
    isSaid
      ? "make the window longer, or 'expected' shorter"
      : `make the window longer, or say how long a run takes: expected: ${formatDuration(lasts)}`,
  );
}

/** What the windows of a cluster say at a moment. @param needs milliseconds that the work is expected to take */
export function clusterWindow({ calendar }: ClusterSchedule, now: number, needs: number): ClusterWindow {
  const state = stateAt(calendar, now, needs);
  const windows = calendarText(calendar);
  const reason = stateText(state, zoneOf(calendar));
  if (state.kind === 'open')
    return { state: 'open', windows, reason, ...(Number.isFinite(state.until) && { until: iso(state.until) }) };
  return { state: 'shut', windows, reason, ...(state.next && { opens: iso(state.next.start) }) };
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
