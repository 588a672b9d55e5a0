import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openings } from '../../src/calendar/openings.ts';
import { calendarText } from '../../src/calendar/text.ts';
import { momentText } from '../../src/calendar/zone.ts';
import { CalendarFiles } from './support/calendar-files.ts';

let calendars: CalendarFiles;
beforeAll(() => {
  calendars = new CalendarFiles();
});
afterAll(() => calendars.close());

const WHOLE = { rrule: 'FREQ=MONTHLY;BYDAY=2TU', start: '2026-01-13 01:00', duration: '3h', zone: 'Europe/Berlin' };
const saying = (changes: Readonly<Record<string, string | undefined>>): string =>
  JSON.stringify({ ...WHOLE, ...changes });

function opened(window: string, from: string, most: number): readonly string[] {
  const { calendar, said } = calendars.read(window);
  expect(said).toEqual([]);
  const found: string[] = [];
  for (const { start, end } of openings(calendar, Date.parse(from))) {
    if (found.length === most) break;
    found.push(`${momentText(start, 'Europe/Berlin').replace(' Europe/Berlin', '')} + ${(end - start) / 60_000}m`);
  }
  return found;
}

describe('a window by a rule', () => {
  test('is open on the days of the rule, by the clock of its zone', () => {
    const written = '{ rrule: FREQ=MONTHLY;BYDAY=2TU, start: 2026-01-13 01:00, duration: 3h, zone: Europe/Berlin }';
    expect(opened(written, '2026-11-26T00:00Z', 2)).toEqual([
      'Tue 2026-12-08 01:00 + 180m',
      'Tue 2027-01-12 01:00 + 180m',
    ]);
    // In the night in which 02:00 becomes 03:00 it lasts an hour less.
    const nightly = saying({ rrule: 'FREQ=DAILY', start: '2026-03-01T01:30' });
    expect(opened(nightly, '2026-03-28T12:00Z', 1)).toEqual(['Sun 2026-03-29 01:30 + 120m']);
  });

  test('says what days and times cannot: every second week, from its beginning on and until its end', () => {
    const rrule = 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20260120T000000';
    const window = saying({ rrule, start: '2026-01-05 22:00', duration: '6h' });
    expect(opened(window, '2025-12-01T00:00Z', 9)).toEqual([
      'Mon 2026-01-05 22:00 + 360m',
      'Wed 2026-01-07 22:00 + 360m',
      'Mon 2026-01-19 22:00 + 360m',
    ]);
  });

  test('stands in a list with others, and is told as it is written', () => {
    const { calendar, said } = calendars.read(`[${saying({})}, Sat 08:00-18:00 UTC]`);
    expect(said).toEqual([]);
    expect(calendarText(calendar)).toBe(
      'Sat 08:00-18:00 UTC, windows of FREQ=MONTHLY;BYDAY=2TU from 2026-01-13 01:00 for 3h Europe/Berlin',
    );
  });

  test.each([
    [{ rrule: 'FREQ=HOURLY' }, '10', 'RRULE: FREQ=HOURLY cannot be the rule of a window'],
    [{ rrule: 'every tuesday' }, '10', 'RRULE: it has no FREQ'],
    [{ rrule: 'FREQ=DAILY;BYHOUR=3' }, '10', 'RRULE: BYHOUR is not supported'],
    [{ rrule: 'FREQ=DAILY;COUNT=10000' }, '10', 'RRULE: COUNT=10000 is not valid'],
    [{ rrule: 'FREQ=DAILY;COUNT=3;UNTIL=20260120T000000' }, '10', 'RRULE: it has COUNT and UNTIL'],
    [{ rrule: 'FREQ=DAILY;UNTIL=20260120' }, '10', 'RRULE: UNTIL=20260120 does not match start'],
    [{ rrule: 'FREQ=WEEKLY;BYDAY=MO' }, '10', 'RRULE: start is not a day of the rule'],
    [{ rrule: 'FREQ=MONTHLY;BYDAY=6TU' }, '10', 'RRULE: it has no day within 20 years of start'],
    [{ rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, '10', 'RRULE: it has no day within 20 years of start'],
    [{ rrule: 'FREQ=DAILY;UNTIL=20200101T000000' }, '10', 'RRULE: it has no day within 20 years of start'],
    [{ start: '2026-02-30 01:00' }, undefined, "'2026-02-30 01:00' is not a date with a time of day"],
    [{ start: '2026-01-13' }, undefined, "'2026-01-13' is not a date with a time of day"],
    [{ start: '2026-01-13 25:00' }, undefined, "'2026-01-13 25:00' is not a date with a time of day"],
    [{ duration: '3' }, undefined, "'3' is not a duration of a window"],
    [{ duration: '0s' }, undefined, "'0s' is not a duration of a window"],
    [{ duration: '367d' }, undefined, "'367d' is not a duration of a window"],
    [{ zone: 'Europe/Berln' }, undefined, "there is no time zone 'Europe/Berln'"],
    [{ until: '2027-01-01' }, undefined, "a window by a rule has no 'until'"],
    [{ calendar: 'x.ics' }, undefined, "a window by a rule has no 'calendar'"],
    [{ zone: undefined, duration: undefined }, '1', 'the window lacks duration, zone'],
  ])('that is wrong (%j) is an error with its place', (changes, column, message) => {
    const { said } = calendars.read(saying(changes));
    expect(said).toEqual([expect.stringMatching(/^fleet\.yml:1:\d+ /)]);
    expect(said[0]?.replace(/^\S+ /, '')).toBe(message);
    if (column !== undefined) expect(said[0]).toMatch(new RegExp(`^fleet\\.yml:1:${column} `));
  });

  test.each([
    [
      saying({ rrule: 'FREQ=DAYLY;BYDAY=XX;FOO=1', start: 'yesterday', duration: '3x', zone: undefined }),
      [
        'the window lacks zone',
        'RRULE: FREQ=DAYLY cannot be the rule of a window',
        'RRULE: BYDAY=XX is not valid',
        'RRULE: FOO is not supported',
        "'yesterday' is not a date with a time of day",
        "'3x' is not a duration of a window",
      ],
    ],
    [
      '{ days: [], from: 25:00, zone: Mars }',
      [
        'the window lacks to',
        "'days' of a window cannot be empty",
        "'25:00' is not a time of day",
        "there is no time zone 'Mars'",
      ],
    ],
    ['Tue 01:00 Mars', ["'01:00' has no start and end time", "there is no time zone 'Mars'"]],
  ])('and one by days and times are told of all their mistakes at once: %s', (window, messages) => {
    const { said } = calendars.read(window);
    expect(said.map((one) => one.replace(/^\S+ /, ''))).toEqual(messages);
  });
});

test.each(['constructor', 'toString', '__proto__'])('%s names no weekday of a month', (word) => {
  const { said } = calendars.read(`${word} Mon 01:00-02:00 UTC`);
  expect(said).toEqual([expect.stringContaining(`'${word}' does not name a weekday of the month`)]);
});
