import { type EventSeries, eventOpenings, lastWritten } from './event-series.ts';
import type { Calendar, Closure, Days, EventSource, Window } from './model.ts';
import type { Opening } from './opening.ts';
import { DAY, dateOf, epochOf, firstMoment, plusDays } from './zone.ts';

/** So far ahead windows that come again are looked for; dates that are written down are found however far they are. */
const HORIZON_DAYS = 400;
/** No clock of the world is further ahead of UTC, or behind it, than this. */
const FARTHEST_ZONE = DAY;
/** A window and the clocks' changes in it reach no further. */
const REACH_DAYS = 3;

/** When the calendar is open from a moment on: stretches in order that do not touch each other, the first one as a whole. */
export function* openings(calendar: Calendar, from: number): Generator<Opening> {
  const { windows, events } = calendar;
  const last = lastDayOf(calendar, from);
  const closed = closedIn(calendar, from, last);
  if (windows.length === 0 && events.length === 0) {
    // What a rule closes is known up to that day.
    const isRuled = calendar.closedEvents.some(({ series }) => series.some(({ rule }) => rule !== undefined));
    const whole = { start: Number.NEGATIVE_INFINITY, end: isRuled ? last : Number.POSITIVE_INFINITY };
    yield* until(without(whole, closed), from);
    return;
  }
  const ofEvents = byDate(eventOpenings(seriesOf(events), from, last));
  let pending: readonly Opening[] = [];
  for (const date of [...new Set([...candidates(windows, from), ...ofEvents.keys()])].sort()) {
    // Nothing that begins on this date or later begins before this.
    const bound = epochOf(date) - FARTHEST_ZONE;
    for (const opening of pending) if (opening.end < bound) yield* until(without(opening, closed), from);
    const own = windows.flatMap((window) => openingOn(window, date) ?? []);
    pending = mergedOpenings([...pending.filter(({ end }) => end >= bound), ...own, ...(ofEvents.get(date) ?? [])]);
  }
  for (const opening of pending) yield* until(without(opening, closed), from);
}

/** Up to which moment openings are looked for: the horizon, or what is written down beyond it. */
function lastDayOf({ windows, events, closedEvents }: Calendar, from: number): number {
  const written = windows.flatMap(({ days }) => (days.kind === 'dates' ? days.dates.map(epochOf) : []));
  return written.reduce(
    (latest, midnight) => Math.max(latest, midnight + 2 * REACH_DAYS * DAY),
    Math.max(from + HORIZON_DAYS * DAY, lastWritten(seriesOf([...events, ...closedEvents]))),
  );
}

/** What is open at that moment is told as a whole, and may have begun days before. */
function closedIn({ closed, closedEvents }: Calendar, from: number, to: number): readonly Opening[] {
  const ofEvents = eventOpenings(seriesOf(closedEvents), from - REACH_DAYS * DAY, to);
  return mergedOpenings([...closed.map(closureOf), ...ofEvents]);
}

function seriesOf(sources: readonly EventSource[]): readonly EventSeries[] {
  return sources.flatMap(({ series }) => series);
}

/** By the date of UTC on which they begin. */
function byDate(all: readonly Opening[]): ReadonlyMap<string, readonly Opening[]> {
  const found = new Map<string, Opening[]>();
  for (const opening of all) {
    const date = dateOf(opening.start);
    found.set(date, [...(found.get(date) ?? []), opening]);
  }
  return found;
}

/** What a window is on a date on which it may begin; undefined when clocks that are put forward leave nothing of it. */
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

/** Dates on which a window may begin, in order. */
function candidates(windows: readonly Window[], from: number): readonly string[] {
  const first = dateOf(from - REACH_DAYS * DAY);
  const written = windows.flatMap(({ days }) => (days.kind === 'dates' ? days.dates : []));
  const again = windows.some(({ days }) => days.kind !== 'dates')
    ? Array.from({ length: HORIZON_DAYS + REACH_DAYS }, (_, index) => plusDays(first, index))
    : [];
  return [...new Set([...written, ...again])].filter((date) => date >= first).sort();
}

function closureOf({ first, last, zone }: Closure): Opening {
  return { start: firstMoment(first, 0, zone), end: firstMoment(plusDays(last, 1), 0, zone) };
}

/** In order; those that touch or overlap are one. */
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

function without(opening: Opening, closed: readonly Opening[]): readonly Opening[] {
  return closed.reduce<readonly Opening[]>(
    (parts, { start, end }) =>
      parts
        .flatMap((part) => [
          { start: part.start, end: Math.min(part.end, start) },
          { start: Math.max(part.start, end), end: part.end },
        ])
        .filter((part) => part.start < part.end),
    [opening],
  );
}

function until(openings: readonly Opening[], from: number): readonly Opening[] {
  return openings.filter(({ end }) => end > from);
}
