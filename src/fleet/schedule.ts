import type { Calendar, EventSource, Window } from '../calendar/model.ts';
import { openings } from '../calendar/openings.ts';
import { readClosed } from '../calendar/read-closed.ts';
import { readWindows } from '../calendar/read-window.ts';
import { SharedEvents } from '../calendar/shared-events.ts';
import { stateAt } from '../calendar/state.ts';
import { calendarText, noWindowText, stateText, zoneOf } from '../calendar/text.ts';
import { DAY, epochOf } from '../calendar/zone.ts';
import type { ClusterWindow } from '../core/cluster.ts';
import type { Problems } from '../core/diagnostic.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import type { Tree } from '../core/yaml/yaml.ts';
import type { Cluster } from '../inventory/inventory.ts';
import type { ClusterDuration } from '../journal/cluster-durations.ts';
import { DurationEstimator, type ExpectedDuration } from './expected-duration.ts';

/** The expected duration of a run on a cluster, if the inventory sets none. */
const DEFAULT_EXPECTED = '30m';
const MINUTE = 60_000;

/** When a cluster may be changed. */
export interface ClusterSchedule {
  readonly name: string;
  readonly calendar: Calendar;
  /** The expected duration of a run. */
  readonly expected: ExpectedDuration;
}

/**
 * The schedules of the clusters that define windows, by name. Problems are added to `problems`.
 * @param recorded durations of earlier runs @param now milliseconds since the epoch
 */
export function readSchedules(
  clusters: ReadonlyMap<string, Cluster>,
  recorded: readonly ClusterDuration[],
  problems: Problems,
  now: number,
): ReadonlyMap<string, ClusterSchedule> {
  const shared = new SharedEvents();
  const estimator = new DurationEstimator(recorded);
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
      const { windows, events } = window ? readWindows(window, problems, shared) : { windows: [], events: [] };
      const known = [...windows, ...events].map(({ zone }) => zone);
      // If no window could be read, there are errors already: no further ones because closures lack a zone.
      const zones = window && known.length === 0 ? ['UTC'] : known;
      const none = { closed: [], closedEvents: [] };
      const calendar = { windows, events, ...(closed ? readClosed(closed, zones, problems, shared) : none) };
      const duration = estimator.estimate({
        name,
        hosts: cluster.hosts.length,
        declared: expected && readExpected(expected, problems),
        fallback: parseDuration(DEFAULT_EXPECTED),
      });
      const isJoined = (part: Openable): boolean => isInLonger(part, { windows, events }, duration.ms, now);
      for (const each of [...windows.map(partOfWindow), ...events.flatMap(partsOfEvents)])
        checkLength(each, duration, isJoined, problems);
      return [[name, { name, calendar, expected: duration }] as const];
    }),
  );
}

/** With a duration of nothing, a run would start right before its window closes. */
function readExpected(tree: Tree, problems: Problems): number | undefined {
  const expected = durationIn(tree);
  if (expected === undefined || expected === 0)
    problems.error("'expected' is how long a run on the cluster takes", tree.range, 'write it like 30m or 1h30m');
  return expected;
}

function durationIn(tree: Tree): number | undefined {
  try {
    return parseDuration(tree.kind === 'scalar' ? tree.raw : '');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

type Openable = Pick<Calendar, 'windows' | 'events'>;

/**
 * Whether a part of the windows lies in a time in which all windows together are open for `needs` without a break: windows that touch are
 * one, such as the whole days of `Sat,Sun 00:00-24:00`. What is closed (`closed`) does not matter here.
 */
function isInLonger(part: Openable, whole: Openable, needs: number, now: number): boolean {
  const [window] = part.windows;
  const isAlone = whole.windows.length + whole.events.length === 1;
  // It cannot touch itself, and need not be searched.
  if (window && isAlone && (window.to - window.from) * MINUTE < DAY) return false;
  const [first] = window?.days.kind === 'dates' ? window.days.dates : [];
  // Dates that are past do not turn an inventory that was right into one that is wrong.
  const from = first === undefined ? now : Math.min(now, epochOf(first) - 2 * DAY);
  const openingsOf = ({ windows, events }: Openable) =>
    openings({ windows, events, closed: [], closedEvents: [] }, from);
  const own = [...openingsOf(part)];
  return [...openingsOf(whole)].some(
    ({ start, end }) => end - start >= needs && own.some((opening) => start <= opening.start && opening.end <= end),
  );
}

/** A part of the windows, and for how long it is open at most, in milliseconds. */
interface Part extends Openable {
  readonly text: string;
  readonly range: EventSource['range'];
  readonly length: number;
}

function partOfWindow(window: Window): Part {
  const { from, to, range, text } = window;
  return { text, range, length: (to - from) * MINUTE, windows: [window], events: [] };
}

/** Some events of a calendar may be too short, but not all. Without any, it is never open, which is no matter of length. */
function partsOfEvents(events: EventSource): readonly Part[] {
  const { series, text, range } = events;
  if (series.length === 0) return [];
  const length = Math.max(...series.map((each) => each.length));
  return [{ text: `the longest of the ${text}`, range, length, windows: [], events: [events] }];
}

function checkLength(
  part: Part,
  { ms, source }: ExpectedDuration,
  isJoined: (part: Openable) => boolean,
  problems: Problems,
): void {
  const { text, range, length } = part;
  if (length >= ms || isJoined(part)) return;
  problems.error(
    `${text} lasts ${formatDuration(length)}, and a run on the cluster is expected to take ${formatDuration(ms)} (${source}): it would never start`,
    range,
    hintFor(source, length),
  );
}

function hintFor(source: string, length: number): string {
  switch (source) {
    case 'declared':
      return "make the window longer, or 'expected' shorter";
    case 'default':
      return `make the window longer, or set how long a run takes: expected: ${formatDuration(length)}`;
    default:
      return 'make the window longer';
  }
}

/** Warns about clusters whose windows are too short for any run from `now` on, at the place where the windows are defined. */
export function warnOfClosedWindows(
  clusters: ReadonlyMap<string, Cluster>,
  schedules: ReadonlyMap<string, ClusterSchedule>,
  now: number,
  problems: Problems,
): void {
  // Most clusters of a fleet share a few sets of windows.
  const known = new Map<string, string | undefined>();
  for (const { name, calendar, expected } of schedules.values()) {
    const keys = [...calendar.events, ...calendar.closedEvents].map((events) => events.key);
    const key = JSON.stringify([expected.ms, calendarText(calendar), ...keys]);
    if (!known.has(key)) known.set(key, lackOf(calendar, now, expected.ms));
    const lack = known.get(key);
    if (lack === undefined) continue;
    const { window, closed } = clusters.get(name) ?? {};
    problems.warning(
      `cluster ${name} has ${lack} that a run fits into (${expectedText(expected)})`,
      (window ?? closed)?.range,
      'give it a later window, or reduce its closed times',
    );
  }
}

/** What a calendar lacks, in words, where nothing of that length fits in from now on. */
function lackOf(calendar: Calendar, now: number, needs: number): string | undefined {
  const state = stateAt(calendar, now, needs);
  return state.kind === 'open' || state.next ? undefined : noWindowText(state);
}

/** The state of a cluster's windows at a point in time. @param needs milliseconds that the work is expected to take */
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
      ...(Number.isFinite(state.until) && !state.isCut && { until: iso(state.until) }),
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
