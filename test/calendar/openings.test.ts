import { describe, expect, test } from 'vitest';
import type { Calendar, Days, Window } from '../../src/calendar/model.ts';
import { openings } from '../../src/calendar/openings.ts';
import { stateAt } from '../../src/calendar/state.ts';
import { stateText } from '../../src/calendar/text.ts';
import { momentText } from '../../src/calendar/zone.ts';
import { fc } from '../support/random-cases.ts';
import { calendarOf } from './support/calendar-of.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Openings that begin before `to`, as text in a zone. */
function opened(calendar: Calendar, from: string, to: string, zone: string): readonly string[] {
  const found: string[] = [];
  for (const { start, end } of openings(calendar, Date.parse(from))) {
    if (start >= Date.parse(to)) break;
    found.push(`${momentText(start, zone)} + ${(end - start) / MINUTE}m`.replace(` ${zone}`, ''));
  }
  return found;
}

describe('openings', () => {
  test('come on their days, by the clock of their zone, and belong to the day on which they begin', () => {
    const friday = calendarOf('Fri 22:00-04:00 Europe/Berlin');
    expect(opened(friday, '2026-11-23T00:00Z', '2026-12-07T00:00Z', 'Europe/Berlin')).toEqual([
      'Fri 2026-11-27 22:00 + 360m',
      'Fri 2026-12-04 22:00 + 360m',
    ]);
    const saturday = Date.parse('2026-11-28T02:00+01:00');
    expect(stateAt(friday, saturday, HOUR)).toEqual({ kind: 'open', until: saturday + 2 * HOUR });
    expect(stateAt(friday, Date.parse('2026-11-27T02:00+01:00'), HOUR)).toMatchObject({ kind: 'shut', why: 'outside' });
  });

  test('are half-open: the moment at which one ends is outside', () => {
    const calendar = calendarOf('daily 01:00-04:00 UTC');
    const kindAt = (time: string) => stateAt(calendar, Date.parse(time), 0).kind;
    expect(
      ['2026-12-01T00:59:59.999Z', '2026-12-01T01:00Z', '2026-12-01T03:59:59.999Z', '2026-12-01T04:00Z'].map(kindAt),
    ).toEqual(['shut', 'open', 'open', 'shut']);
  });

  test.each([
    ['2nd Tue 01:00-02:00 UTC', ['Tue 2026-12-08 01:00 + 60m', 'Tue 2027-01-12 01:00 + 60m']],
    ['last Sun 01:00-02:00 UTC', ['Sun 2026-12-27 01:00 + 60m', 'Sun 2027-01-31 01:00 + 60m']],
    ['5th Thu 01:00-02:00 UTC', ['Thu 2026-12-31 01:00 + 60m']],
    ['2026-12-24,2027-01-02 23:00-24:00 UTC', ['Thu 2026-12-24 23:00 + 60m', 'Sat 2027-01-02 23:00 + 60m']],
    [
      '2026-12-30..2027-01-01 10:00-11:00 UTC',
      ['Wed 2026-12-30 10:00 + 60m', 'Thu 2026-12-31 10:00 + 60m', 'Fri 2027-01-01 10:00 + 60m'],
    ],
  ])('%s', (text, expected) => {
    expect(opened(calendarOf(text), '2026-12-01T00:00Z', '2027-02-01T00:00Z', 'UTC')).toEqual(expected);
  });

  test('that touch are one: work may go on over midnight', () => {
    const calendar = calendarOf(['Mon 22:00-24:00 UTC', 'Tue 00:00-03:00 UTC']);
    expect(opened(calendar, '2026-11-30T00:00Z', '2026-12-05T00:00Z', 'UTC')).toEqual(['Mon 2026-11-30 22:00 + 300m']);
  });

  test('by clocks that are put forward: over its beginning, its end, all of it', () => {
    const on = (times: string) =>
      opened(
        calendarOf(`2027-03-27..2027-03-29 ${times} Europe/Berlin`),
        '2027-03-27T12:00Z',
        '2027-03-28T20:00Z',
        'Europe/Berlin',
      );
    expect(on('02:30-05:00')).toEqual(['Sun 2027-03-28 03:00 + 120m']);
    expect(on('01:00-02:30')).toEqual(['Sun 2027-03-28 01:00 + 60m']);
    expect(on('02:10-02:50')).toEqual([]);
    expect(on('01:00-04:00')).toEqual(['Sun 2027-03-28 01:00 + 120m']);
  });

  test('by clocks that are put back: open from the first time that they show it to the first time that they show its end', () => {
    const on = (times: string) =>
      opened(calendarOf(`Sun ${times} Europe/Berlin`), '2026-10-24T12:00Z', '2026-10-26T00:00Z', 'Europe/Berlin');
    expect(on('01:00-04:00')).toEqual(['Sun 2026-10-25 01:00 + 240m']);
    expect(on('02:15-02:45')).toEqual(['Sun 2026-10-25 02:15+02:00 + 30m']);
    expect(on('01:00-02:30')).toEqual(['Sun 2026-10-25 01:00 + 90m']);
    expect(on('02:30-03:30')).toEqual(['Sun 2026-10-25 02:30+02:00 + 120m']);
  });

  test('are not while it is closed, from midnight to midnight, also in the midst of one', () => {
    const calendar = calendarOf('Thu,Fri 22:00-04:00 Europe/Berlin', ['2026-12-25..2026-12-26', '2027-01-01']);
    expect(opened(calendar, '2026-12-24T00:00Z', '2027-01-03T00:00Z', 'Europe/Berlin')).toEqual([
      'Thu 2026-12-24 22:00 + 120m',
      'Thu 2026-12-31 22:00 + 120m',
      'Sat 2027-01-02 00:00 + 240m',
    ]);
    expect(stateAt(calendar, Date.parse('2026-12-25T01:00Z'), 0)).toMatchObject({ kind: 'shut', why: 'closed' });
  });

  test('are none once it is closed until further notice, which is the last day that can be written', () => {
    const calendar = calendarOf('daily 01:00-04:00 UTC', ['2026-12-24..9999-12-31']);
    expect(opened(calendar, '2026-12-22T00:00Z', '2028-01-01T00:00Z', 'UTC')).toEqual([
      'Tue 2026-12-22 01:00 + 180m',
      'Wed 2026-12-23 01:00 + 180m',
    ]);
    const last = calendarOf('9999-12-31 22:00-04:00 UTC');
    expect(opened(last, '2026-12-22T00:00Z', '9999-12-31T23:00Z', 'UTC')).toEqual(['Fri 9999-12-31 22:00 + 360m']);
  });

  test('without windows are all the time that is not closed', () => {
    const calendar = calendarOf(undefined, ['2026-12-24 UTC']);
    expect(stateAt(calendar, Date.parse('2026-12-20T00:00Z'), DAY)).toEqual({
      kind: 'open',
      until: Date.parse('2026-12-24T00:00Z'),
    });
    expect(stateAt(calendar, Date.parse('2026-12-23T12:00Z'), DAY)).toMatchObject({
      why: 'short',
      next: { start: Date.parse('2026-12-25T00:00Z'), end: Number.POSITIVE_INFINITY },
    });
    expect(stateAt(calendarOf(undefined), 0, DAY)).toEqual({ kind: 'open', until: Number.POSITIVE_INFINITY });
  });

  test('that are past, or too short for what is to be done, never come', () => {
    const past = calendarOf('2020-01-01 01:00-02:00 UTC');
    expect(stateAt(past, Date.parse('2026-01-01T00:00Z'), 0)).toEqual({ kind: 'shut', why: 'outside' });
    const short = calendarOf('daily 01:00-02:00 UTC');
    expect(stateAt(short, Date.parse('2026-01-01T01:30Z'), 2 * HOUR)).toEqual({
      kind: 'shut',
      why: 'short',
      isCut: true,
    });
  });

  test.each([
    ['daily 00:00-24:00 Europe/Berlin', undefined, 'open, does not close'],
    [['Mon-Fri 00:00-24:00 UTC', 'Sat,Sun 00:00-24:00 UTC'], undefined, 'open, does not close'],
    ['1st,2nd,3rd,4th,5th Mon-Sun 00:00-24:00 UTC', undefined, 'open, does not close'],
    ['daily 00:00-24:00 UTC', ['2026-01-02'], 'open, does not close'],
    [undefined, undefined, 'open, does not close'],
    ['daily 00:00-24:00 UTC', ['2028-01-02'], 'open until Sun 2028-01-02 00:00 UTC'],
    [
      ['2026-01-01..2026-12-31 00:00-24:00 UTC', '2027-01-01..2027-12-31 00:00-24:00 UTC'],
      undefined,
      'open until Sat 2028-01-01 00:00 UTC',
    ],
    ['1st,2nd,3rd,4th Mon-Sun 00:00-24:00 UTC', undefined, 'open until Thu 2026-01-29 00:00 UTC'],
    [
      { rrule: 'FREQ=DAILY', start: '2026-01-01 00:00', duration: '24h', zone: 'UTC' },
      undefined,
      'open until Wed 2027-02-10 00:00 UTC or later',
    ],
    ['2025-12-24 01:00-02:00 UTC', undefined, 'outside its windows; there is no further window'],
    [
      { rrule: 'FREQ=YEARLY;INTERVAL=3', start: '2025-02-28 01:00', duration: '2h', zone: 'UTC' },
      undefined,
      'outside its windows; there is no window within 400 days',
    ],
    ['1st Mon 01:00-04:00 UTC', ['2026-01-01..2027-03-31'], 'outside its windows; there is no window within 400 days'],
  ])('%j, closed %j, is %s', (window, closed, text) => {
    const state = stateAt(calendarOf(window, closed), Date.parse('2026-01-05T12:00Z'), HOUR);
    expect(stateText(state, 'UTC')).toBe(text);
  });

  test('are closed for as long as an event lasts, which may be an hour', () => {
    const next = { start: Date.parse('2026-01-05T14:00Z'), end: Date.parse('2026-01-05T16:00Z') };
    const text = 'closed; it may start Mon 2026-01-05 14:00 UTC';
    expect(stateText({ kind: 'shut', why: 'closed', next }, 'UTC')).toBe(text);
  });

  test('that are always open have neither a beginning nor an end', () => {
    expect([...openings(calendarOf('daily 00:00-24:00 Europe/Berlin'), Date.parse('2026-01-05T12:00Z'))]).toEqual([
      { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY },
    ]);
  });

  test('that never end do so also where they only begin later', () => {
    const calendar = calendarOf('daily 00:00-24:00 UTC', ['2025-12-01..2026-02-28 UTC']);
    expect([...openings(calendar, Date.parse('2026-01-05T12:00Z'))]).toEqual([
      { start: Date.parse('2026-03-01T00:00Z'), end: Number.POSITIVE_INFINITY },
    ]);
  });

  test('are found however far ahead a date is', () => {
    const far = calendarOf('2034-06-01 01:00-02:00 UTC');
    expect(opened(far, '2026-01-01T00:00Z', '2035-01-01T00:00Z', 'UTC')).toEqual(['Thu 2034-06-01 01:00 + 60m']);
  });
});

/** What a zone's clock shows at a moment, as if it were UTC. By Intl alone. */
function clockOf(zone: string): (moment: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (moment) => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = (format.format(moment).match(/\d+/g) ?? []).map(
      Number,
    );
    return Date.UTC(year, month - 1, day, hour, minute);
  };
}

/** All zones have offsets, and change their clocks, in quarters of an hour. */
const STEP = 15 * MINUTE;
const SPAN = 7 * DAY;

interface Span {
  readonly zone: string;
  /** Moments, and what the clock shows at each. */
  readonly moments: readonly number[];
  readonly shown: readonly number[];
}

/** A week with a change of clocks in it where the zone has one in that year, two days after the beginning. */
function spanOf(zone: string, year: number, which: number): Span {
  const clock = clockOf(zone);
  const begin = Date.UTC(year, 0, 1);
  const offset = (moment: number): number => clock(moment) - moment;
  const offsets = Array.from({ length: 366 }, (_, day) => offset(begin + day * DAY));
  const changes = offsets.flatMap((value, day) => (day > 0 && value !== offsets[day - 1] ? [day] : []));
  const day = changes.length > 0 ? (changes[which % changes.length] ?? 0) - 3 : which % 350;
  const first = begin + day * DAY;
  const moments = Array.from({ length: SPAN / STEP }, (_, index) => first + index * STEP);
  return { zone, moments, shown: moments.map(clock) };
}

/** By the definition: open from the first moment at which the clock shows the beginning, or later, to that of its end. */
function openByDefinition(window: Window, { moments, shown }: Span): ReadonlySet<number> {
  const open = new Set<number>();
  const midnights = new Set(shown.map((clock) => Math.floor(clock / DAY) * DAY));
  for (const midnight of midnights) {
    if (!isDayOf(window.days, midnight)) continue;
    const start = shown.findIndex((clock) => clock >= midnight + window.from * MINUTE);
    const end = shown.findIndex((clock) => clock >= midnight + window.to * MINUTE);
    if (start < 0) continue;
    for (const moment of moments.slice(start, end < 0 ? undefined : end)) open.add(moment);
  }
  return open;
}

function isDayOf(days: Days, midnight: number): boolean {
  const date = new Date(midnight);
  if (days.kind === 'dates') return days.dates.includes(date.toISOString().slice(0, 10));
  const isWeekday = (at: Date): boolean => days.weekdays.has(at.getUTCDay() === 0 ? 7 : at.getUTCDay());
  if (days.kind === 'weekly' || !isWeekday(date)) return isWeekday(date);
  // Counted from the first of the month, and from its last.
  const same: number[] = [];
  for (
    let at = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
    at.getUTCMonth() === date.getUTCMonth();
    at = new Date(at.getTime() + DAY)
  )
    if (at.getUTCDay() === date.getUTCDay()) same.push(at.getTime());
  return days.nth.has(same.indexOf(midnight) + 1) || (days.nth.has(-1) && same.at(-1) === midnight);
}

const weekdays = fc
  .uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 })
  .map((list) => new Set(list));
const anyDays = (span: Span): fc.Arbitrary<Days> =>
  fc.oneof(
    { weight: 6, arbitrary: weekdays.map((set): Days => ({ kind: 'weekly', weekdays: set })) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 5, -1), { minLength: 1 }), weekdays)
        .map(([nth, set]): Days => ({ kind: 'monthly', nth: new Set(nth), weekdays: set })),
    },
    {
      weight: 2,
      arbitrary: fc
        .uniqueArray(fc.constantFrom(...span.shown.map((clock) => new Date(clock).toISOString().slice(0, 10))), {
          minLength: 1,
          maxLength: 4,
        })
        .map((dates): Days => ({ kind: 'dates', dates: dates.sort() })),
    },
  );
const anyWindow = (span: Span): fc.Arbitrary<Window> =>
  fc
    .tuple(anyDays(span), fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 95 }))
    .map(([days, from, length]) => ({
      days,
      from: from * 15,
      to: (from + length) * 15,
      zone: span.zone,
      text: '',
      range: NOWHERE,
    }));
const NOWHERE = { file: undefined, start: 0, end: 0 } as unknown as Window['range'];

/** More of them, all zones and many years, where somebody asks for it: KPLAY_WINDOW_CASES=100000. */
const CASES = Number(process.env['KPLAY_WINDOW_CASES'] ?? 1500);
const ALL_ZONES = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
/** Where clocks differ most from what one thinks. */
const ODD_ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Africa/Casablanca',
  'America/Santiago',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'America/Scoresbysund',
];

test('windows are open when the clock of their zone says so, in all zones and at their changes of clocks, 2020 to 2035', () => {
  const zones = CASES > 10_000 ? ALL_ZONES : [...ODD_ZONES, ...ALL_ZONES.filter((_, index) => index % 40 === 0)];
  const spansOfZone = 2;
  const perSpan = Math.ceil(CASES / zones.length / spansOfZone);
  let cases = 0;
  const differences: string[] = [];
  zones.forEach((zone, zoneIndex) => {
    for (let round = 0; round < spansOfZone; round += 1) {
      const span = spanOf(zone, 2020 + ((zoneIndex * 7 + round * 5) % 16), zoneIndex + round);
      for (const window of fc.sample(anyWindow(span), { numRuns: perSpan, seed: zoneIndex * 10 + round })) {
        const [first = 0, last = 0] = [span.moments[0], span.moments.at(-1)];
        const expected = openByDefinition(window, span);
        const found: { start: number; end: number }[] = [];
        for (const opening of openings({ windows: [window], events: [], closed: [], closedEvents: [] }, first)) {
          if (opening.start > last) break;
          found.push(opening);
        }
        cases += 1;
        // What began before the week is not in the oracle's sight.
        for (const moment of span.moments.slice((2 * DAY) / STEP)) {
          const isOpen = found.some(({ start, end }) => start <= moment && moment < end);
          if (isOpen !== expected.has(moment)) {
            differences.push(
              `${zone} ${new Date(moment).toISOString()} ${JSON.stringify({ ...window, days: window.days.kind, range: 0 })}: ${isOpen}`,
            );
            break;
          }
        }
      }
    }
  });
  expect(differences).toEqual([]);
  expect(cases).toBeGreaterThanOrEqual(CASES);
}, 600_000);
