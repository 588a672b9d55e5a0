import type { Calendar, EventSource, Window } from '../calendar/model.ts';
import { readClosed } from '../calendar/read-closed.ts';
import { readWindows } from '../calendar/read-window.ts';
import { stateAt } from '../calendar/state.ts';
import { calendarText, stateText, zoneOf } from '../calendar/text.ts';
import type { ClusterWindow } from '../core/cluster.ts';
import type { Problems } from '../core/diagnostic.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import type { Tree } from '../core/yaml/yaml.ts';
import type { Cluster } from '../inventory/inventory.ts';
import type { ClusterDuration } from '../journal/cluster-durations.ts';
import { type ExpectedDuration, expectedDuration } from './expected-duration.ts';

/** How long a run on a cluster is expected to take where the inventory does not say. */
const DEFAULT_EXPECTED = '30m';
const MINUTE = 60_000;

/** When a cluster may be changed. */
export interface ClusterSchedule {
  readonly name: string;
  readonly calendar: Calendar;
  /** How long a run on it is expected to take. */
  readonly expected: ExpectedDuration;
}

/**
 * The schedules of the clusters that say when they may be changed, by name. What is wrong is added to `problems`.
 * @param recorded how long runs took
 */
export function readSchedules(
  clusters: ReadonlyMap<string, Cluster>,
  recorded: readonly ClusterDuration[],
  problems: Problems,
): ReadonlyMap<string, ClusterSchedule> {
  return new Map(
    [...clusters.values()].flatMap((cluster) => {
      const { name, window, closed, expected } = cluster;
      if (!window && !closed) {
        if (expected)
          problems.error(
            `cluster ${name} sets how long a run takes, but not when it may be changed`,
            expected.range,
            "add window: or closed:, or remove 'expected'",
          );
        return [];
      }
      const { windows, events } = window ? readWindows(window, problems) : { windows: [], events: [] };
      const known = [...windows, ...events].map(({ zone }) => zone);
      // Windows of which none could be read have had their errors: that what is closed goes by their zone is none besides.
      const zones = window && known.length === 0 ? ['UTC'] : known;
      const none = { closed: [], closedEvents: [] };
      const calendar = { windows, events, ...(closed ? readClosed(closed, zones, problems) : none) };
      const takes = expectedDuration(
        {
          name,
          hosts: cluster.hosts.length,
          declared: expected && readExpected(expected, problems),
          fallback: parseDuration(DEFAULT_EXPECTED),
        },
        recorded,
      );
      for (const each of windows) checkLength(each, takes, problems);
      for (const each of events) checkEvents(each, takes, problems);
      return [[name, { name, calendar, expected: takes }] as const];
    }),
  );
}

function readExpected(tree: Tree, problems: Problems): number | undefined {
  try {
    return parseDuration(tree.kind === 'scalar' ? tree.raw : '');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.error("'expected' is how long a run on the cluster takes", tree.range, 'write it like 30m or 1h30m');
    return undefined;
  }
}

function checkLength({ from, to, range, text }: Window, { ms, source }: ExpectedDuration, problems: Problems): void {
  const lasts = (to - from) * MINUTE;
  if (lasts >= ms) return;
  problems.error(
    `${text} lasts ${formatDuration(lasts)}, and a run on the cluster is expected to take ${formatDuration(ms)} (${source}): it would never start`,
    range,
    hintFor(source, lasts),
  );
}

/** Some of the events of a calendar may be short, not all. */
function checkEvents({ series, text, range }: EventSource, { ms, source }: ExpectedDuration, problems: Problems): void {
  const longest = Math.max(...series.map(({ length }) => length));
  if (series.length === 0 || longest >= ms) return;
  problems.error(
    `the longest of the ${text} lasts ${formatDuration(longest)}, and a run on the cluster is expected to take ${formatDuration(ms)} (${source}): it would never start`,
    range,
    hintFor(source, longest),
  );
}

function hintFor(source: string, lasts: number): string {
  switch (source) {
    case 'declared':
      return "make the window longer, or 'expected' shorter";
    case 'default':
      return `make the window longer, or set how long a run takes: expected: ${formatDuration(lasts)}`;
    default:
      return 'make the window longer';
  }
}

/** Clusters into whose windows no run fits any more, from `now` on, are told of where these are written. */
export function warnOfShut(
  clusters: ReadonlyMap<string, Cluster>,
  schedules: ReadonlyMap<string, ClusterSchedule>,
  now: number,
  problems: Problems,
): void {
  // Of many clusters most have the same few windows.
  const known = new Map<string, boolean>();
  for (const { name, calendar, expected } of schedules.values()) {
    const key = `${expected.ms} ${calendarText(calendar)}`;
    const isOfFiles = calendar.events.length + calendar.closedEvents.length > 0;
    const mayStart = (isOfFiles ? undefined : known.get(key)) ?? fitsAhead(calendar, now, expected.ms);
    known.set(key, mayStart);
    if (mayStart) continue;
    const { window, closed } = clusters.get(name) ?? {};
    problems.warning(
      `cluster ${name} may not be changed any more: there is no further window that a run fits into (${expectedText(expected)})`,
      (window ?? closed)?.range,
      'give it a later window, or reduce its closed times',
    );
  }
}

function fitsAhead(calendar: Calendar, now: number, needs: number): boolean {
  const state = stateAt(calendar, now, needs);
  return state.kind === 'open' || state.next !== undefined;
}

/** What the windows of a cluster say at a moment. @param needs milliseconds that the work is expected to take */
export function clusterWindow({ calendar, expected }: ClusterSchedule, now: number, needs: number): ClusterWindow {
  const state = stateAt(calendar, now, needs);
  const expects = { expected: expectedText(expected) };
  const windows = calendarText(calendar);
  const reason = stateText(state, zoneOf(calendar));
  if (state.kind === 'open')
    return {
      state: 'open',
      windows,
      reason,
      ...expects,
      ...(Number.isFinite(state.until) && { until: iso(state.until) }),
    };
  return { state: 'shut', windows, reason, ...expects, ...(state.next && { opens: iso(state.next.start) }) };
}

/** `30m (default)`. */
export function expectedText({ ms, source }: ExpectedDuration): string {
  return `${formatDuration(ms)} (${source})`;
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
