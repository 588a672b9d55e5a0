import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EventSeries, eventOpenings, occurs } from '../../src/calendar/event-series.ts';
import { momentOf } from '../../src/calendar/ical-time.ts';
import { fc } from '../support/random-cases.ts';
import { CalendarFiles } from './support/calendar-files.ts';

const DAY = 86_400_000;
const HOUR = DAY / 24;

let calendars: CalendarFiles;
beforeAll(() => {
  calendars = new CalendarFiles();
});
afterAll(() => calendars.close());

function seriesOf(event: string): EventSeries {
  calendars.write('x.ics', `UID:a\n${event}`);
  const { calendar, said } = calendars.read('{ calendar: x.ics, zone: Europe/Berlin }');
  expect(said).toEqual([]);
  return calendar.events[0]?.series[0] ?? expect.fail('no series');
}

/** Every occurrence of the years asked about, one by one, and once: DTSTART is a day of its rule. */
function allOf({ rule, starts, excluded, length, zone }: EventSeries) {
  const ruled = rule?.between(Date.UTC(2024, 0, 1), Date.UTC(2033, 0, 1)) ?? [];
  const walls = new Set([...starts.map(({ wall }) => wall), ...ruled]);
  return [...walls]
    .map((wall) => ({ wall, zone }))
    .filter((start) => !excluded.has(start))
    .map((start) => ({ start: momentOf(start), end: momentOf({ wall: start.wall + length, zone }) }))
    .filter(({ start, end }) => start < end);
}

function inOrder(openings: ReturnType<typeof allOf>) {
  const once = new Map(openings.map((opening) => [opening.start, opening]));
  return [...once.values()].toSorted((a, b) => a.start - b.start);
}

it.each([
  'DTSTART:20250106T013000\nDURATION:PT3H\nRRULE:FREQ=DAILY;INTERVAL=5\nEXDATE:20260312T013000',
  'DTSTART;VALUE=DATE:20251220\nDTEND;VALUE=DATE:20260107\nRRULE:FREQ=YEARLY',
  'DTSTART:20260113T220000\nDURATION:P2D\nRRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=20\nRDATE:20260115T010000,20260210T220000',
  'DTSTART:20260106T010000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20270301T000000Z\nRDATE:20290601T010000',
  'DTSTART:20260106T010000\nDURATION:PT1H',
])('what is remembered of a series is what would be found anew, whatever was asked before: %s', (event) => {
  const series = seriesOf(event);
  const all = allOf(series);
  const hours = (from: number, to: number) =>
    fc.integer({ min: from / HOUR, max: to / HOUR }).map((hour) => hour * HOUR);
  const question = fc.tuple(
    fc.oneof(hours(Date.UTC(2026, 2, 1), Date.UTC(2026, 3, 15)), hours(Date.UTC(2025, 0, 1), Date.UTC(2029, 0, 1))),
    hours(HOUR, 900 * DAY),
  );
  fc.assert(
    fc.property(question, ([from, length]) => {
      const to = from + length;
      const expected = all.filter(({ start, end }) => end > from && start < to);
      expect(inOrder([...eventOpenings([series], from, to)])).toEqual(inOrder(expected));
      expect(occurs([series], from, to)).toBe(expected.length > 0);
    }),
    { numRuns: 40 },
  );
});
