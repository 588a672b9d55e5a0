import { type EventSeries, eventOpenings, lastWritten, occurs } from './event-series.ts';
import type { Calendar, Closure, Days, EventSource, Window } from './model.ts';
import type { Opening } from './opening.ts';
import { DAY, dateOf, epochOf, firstMoment, plusDays } from './zone.ts';

/** How far ahead recurring windows are searched; explicit dates are found at any distance. */
export const HORIZON_DAYS = 400;
/** No zone differs more from UTC than this. */
const MAX_ZONE_OFFSET = DAY;
/** No window, including clock changes in it, is longer. */
const REACH_DAYS = 3;
/** An opening that is longer consists of several windows that touch, so the search may have missed the next one. */
const LONGEST_DAYS = { window: REACH_DAYS, event: 367 } as const;
/** In so many days, every weekday has been the first to the fifth and the last of its month. */
const FULL_CYCLE_DAYS = 366;

const ALWAYS: Opening = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };

/** The openings of the calendar from a moment on: in order, without adjacent or overlapping ones, the first one as a whole. */
export function* openings(calendar: Calendar, from: number): Generator<Opening> {
  const { windows, events } = calendar;
  const last = lastDayOf(calendar, from);
  const closed = closedIn(calendar, from, last);
  const ended = endOfSearch(calendar, from, last);
  if (windows.length === 0 && events.length === 0) {
    // Closures from rules are only known up to that day.
    const whole: Opening = isRuled(calendar.closedEvents) ? { ...ALWAYS, end: last, isCut: true } : ALWAYS;
    yield* until(subtract(whole, closed), from);
    return;
  }
  const eventTimes = byDate(eventOpenings(seriesOf(events), from, last));
  let pending: readonly Opening[] = [];
  for (const date of candidates(windows, from, [...eventTimes.keys()])) {
    // Nothing on this date or later starts before this.
    const bound = epochOf(date) - MAX_ZONE_OFFSET;
    for (const opening of pending) if (opening.end < bound) yield* until(subtract(ended(opening), closed), from);
    const own = windows.flatMap((window) => openingOn(window, date) ?? []);
    pending = mergedOpenings([...pending.filter(({ end }) => end >= bound), ...own, ...(eventTimes.get(date) ?? [])]);
  }
  for (const opening of pending) yield* until(subtract(ended(opening), closed), from);
}

/** A rule has an occurrence within so many years, or none any more. */
const RULE_YEARS = 20;

/** Whether there may be openings after the end of a search that has found none. */
export function mayOpenLater(calendar: Calendar, from: number): boolean {
  const { windows, events, closedEvents } = calendar;
  const last = lastDayOf(calendar, from);
  if (windows.length === 0 && events.length === 0) return isRuled(closedEvents);
  if (windows.some(recurs)) return true;
  const years = Array.from({ length: RULE_YEARS }, (_, index) => last + index * 366 * DAY);
  return years.some((start) => occurs(seriesOf(events), start, start + 366 * DAY));
}

function recurs({ days }: Window): boolean {
  return days.kind !== 'dates';
}

function isRuled(sources: readonly EventSource[]): boolean {
  return seriesOf(sources).some(({ rule }) => rule !== undefined);
}

/** Completes openings that reach the end of the search: they never end, or their end is not known. */
function endOfSearch(
  { windows, events, closedEvents }: Calendar,
  from: number,
  last: number,
): (opening: Opening) => Opening {
  const isEndless = events.length === 0 && !isRuled(closedEvents);
  const firstWindow = epochOf(dateOf(from - REACH_DAYS * DAY));
  const lastWindow = firstWindow + (HORIZON_DAYS + REACH_DAYS - 1) * DAY;
  return (opening) => {
    const { start, end } = opening;
    const days = (end - start) / DAY;
    const isCut = windows.some(recurs) && end >= lastWindow && days > LONGEST_DAYS.window;
    if (isCut && isEndless && days > FULL_CYCLE_DAYS)
      // It began with the search, so it was open before as well.
      return start < firstWindow + DAY ? ALWAYS : { start, end: ALWAYS.end };
    const isRuleCut = isRuled(events) && end >= last - DAY && days > LONGEST_DAYS.event;
    return isCut || isRuleCut ? { ...opening, isCut: true } : opening;
  };
}

/** The end of the search for openings: the horizon, or explicit dates beyond it. */
function lastDayOf({ windows, events, closedEvents }: Calendar, from: number): number {
  const written = windows.flatMap(({ days }) => (days.kind === 'dates' ? days.dates.map(epochOf) : []));
  return written.reduce(
    (latest, midnight) => Math.max(latest, midnight + 2 * REACH_DAYS * DAY),
    Math.max(from + HORIZON_DAYS * DAY, lastWritten(seriesOf([...events, ...closedEvents]))),
  );
}

/** What is open at that moment is returned as a whole, and may have started days before. */
function closedIn({ closed, closedEvents }: Calendar, from: number, to: number): readonly Opening[] {
  const eventTimes = eventOpenings(seriesOf(closedEvents), from - REACH_DAYS * DAY, to);
  return mergedOpenings([...closed.map(closureOf), ...eventTimes]);
}

function seriesOf(sources: readonly EventSource[]): readonly EventSeries[] {
  return sources.flatMap(({ series }) => series);
}

/** By the UTC date of their start. */
function byDate(all: readonly Opening[]): ReadonlyMap<string, readonly Opening[]> {
  const found = new Map<string, Opening[]>();
  for (const opening of all) {
    const date = dateOf(opening.start);
    found.set(date, [...(found.get(date) ?? []), opening]);
  }
  return found;
}

/** The opening of a window on a date on which it may start; undefined if clocks that are put forward leave nothing of it. */
export function openingOn({ days, from, to, zone }: Window, date: string): Opening | undefined {
  if (!beginsOn(days, date)) return undefined;
  const start = firstMoment(date, from, zone);
  const end = firstMoment(date, to, zone);
  return start < end ? { start, end } : undefined;
}

function beginsOn(days: Days, date: string): boolean {
  if (days.kind === 'dates') return days.dates.includes(date);
  const at = new Date(epochOf(date));
  if (!days.weekdays.has(at.getUTCDay() || 7)) return false;
  if (days.kind === 'weekly') return true;
  const isLast = plusDays(date, 7).slice(0, 7) !== date.slice(0, 7);
  return days.nth.has(Math.ceil(at.getUTCDate() / 7)) || (isLast && days.nth.has(-1));
}

/** Dates on which a window or an event may start, in order. Most searches end within days: later ones are not computed. */
function* candidates(windows: readonly Window[], from: number, events: readonly string[]): Generator<string> {
  const first = dateOf(from - REACH_DAYS * DAY);
  const dates = windows.flatMap(({ days }) => (days.kind === 'dates' ? days.dates : []));
  const written = [...new Set([...dates.filter((date) => date >= first), ...events])].sort();
  let next = 0;
  if (windows.some(recurs))
    for (let day = 0; day < HORIZON_DAYS + REACH_DAYS; day += 1) {
      const date = plusDays(first, day);
      for (let known = written[next]; known !== undefined && known <= date; known = written[next]) {
        next += 1;
        if (known < date) yield known;
      }
      yield date;
    }
  yield* written.slice(next);
}

function closureOf({ first, last, zone }: Closure): Opening {
  return { start: firstMoment(first, 0, zone), end: firstMoment(plusDays(last, 1), 0, zone) };
}

/** In order; adjacent and overlapping ones are merged. */
function mergedOpenings(openings: readonly Opening[]): readonly Opening[] {
  const merged: Opening[] = [];
  for (const opening of openings.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && opening.start <= last.end)
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, opening.end) };
    else merged.push(opening);
  }
  return merged;
}

function subtract(opening: Opening, closed: readonly Opening[]): readonly Opening[] {
  return closed.reduce<readonly Opening[]>(
    (parts, { start, end }) =>
      parts
        .flatMap((part): readonly Opening[] => [
          part.end <= start ? part : { start: part.start, end: start },
          { ...part, start: Math.max(part.start, end) },
        ])
        .filter((part) => part.start < part.end),
    [opening],
  );
}

function until(openings: readonly Opening[], from: number): readonly Opening[] {
  return openings.filter(({ end }) => end > from);
}
