import { rrulestr } from 'rrule';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openings } from '../../src/calendar/openings.ts';
import { fc } from '../support/random-cases.ts';
import { CalendarFiles } from './support/calendar-files.ts';

vi.setConfig({ testTimeout: 300_000 });

let calendars: CalendarFiles;
beforeAll(() => {
  calendars = new CalendarFiles();
});
afterAll(() => calendars.close());

const DAY = 86_400_000;
const TWENTY_YEARS = 20 * 366 * DAY;

const weekday = fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU');
const list = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.uniqueArray(arbitrary, { minLength: 1, maxLength: 3 }).map((all) => all.join(','));
const anyRule = fc
  .record({
    freq: fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
    interval: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    days: fc.option(list(weekday), { nil: undefined }),
    nth: fc.option(list(fc.tuple(fc.constantFrom(1, 2, 3, 4, -1), weekday).map(([nth, day]) => `${nth}${day}`)), {
      nil: undefined,
    }),
    monthDays: fc.option(list(fc.constantFrom(1, 13, 28, -1)), { nil: undefined }),
    months: fc.option(list(fc.integer({ min: 1, max: 12 })), { nil: undefined }),
    count: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
  })
  .map(({ freq, interval, days, nth, monthDays, months, count }) => {
    const monthly = freq === 'MONTHLY';
    return [
      `FREQ=${freq}`,
      ...(interval === undefined ? [] : [`INTERVAL=${interval}`]),
      ...(monthly && nth !== undefined
        ? [`BYDAY=${nth}`]
        : days !== undefined && freq !== 'YEARLY'
          ? [`BYDAY=${days}`]
          : []),
      ...(monthly && nth === undefined && monthDays !== undefined ? [`BYMONTHDAY=${monthDays}`] : []),
      ...(months === undefined || freq === 'WEEKLY' ? [] : [`BYMONTH=${months}`]),
      ...(count === undefined ? [] : [`COUNT=${count}`]),
    ].join(';');
  });

it('rules give the days that another library finds (rrule)', () => {
  let compared = 0;
  fc.assert(
    fc.property(anyRule, fc.integer({ min: 0, max: 364 }), (rule, day) => {
      const start = Date.UTC(2026, 0, 1 + day, 1);
      const first = new Date(start).toISOString().replace(/[-:]|\.000/g, '');
      calendars.write('rule.ics', `UID:r\nDTSTART:${first}\nDURATION:PT1H\nRRULE:${rule}`);
      const { calendar, said } = calendars.read('{ calendar: rule.ics }');
      const horizon = start + 399 * DAY;
      const oracle = rrulestr(`DTSTART:${first}\nRRULE:${rule}`);
      const expected = oracle.between(new Date(start), new Date(horizon), true).map((date) => date.getTime());
      // RFC 5545 does not define what a rule means that DTSTART is none of: it is refused.
      if (expected[0] !== start) {
        const isEmpty = oracle.between(new Date(start), new Date(start + TWENTY_YEARS), true).length === 0;
        const problem = isEmpty ? 'it has no day within 20 years of DTSTART' : 'DTSTART is not a day of the rule';
        expect(said).toEqual([`rule.ics:8:1 RRULE: ${problem}`]);
        return;
      }
      expect(said).toEqual([]);
      const found = [...openings(calendar, start)].map((opening) => opening.start);
      expect(found.filter((each) => each <= horizon)).toEqual(expected);
      compared += 1;
    }),
    { seed: 12, numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(50);
});
