import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Temporal } from 'temporal-polyfill';
import { expect, it, vi } from 'vitest';
import { openings } from '../../src/calendar/openings.ts';
import { needing } from '../support/programs.ts';
import { fc } from '../support/random-cases.ts';
import { calendarOf } from './support/calendar-of.ts';

vi.setConfig({ testTimeout: 3_600_000 });

const ORACLE = fileURLToPath(new URL('./support/windows-oracle.py', import.meta.url));
/** How many windows are compared: as many in every run of the long tests, more when asked for. */
const CASES = Number(process.env['KPLAY_WINDOW_CASES'] ?? 2_000);
const ZONES = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
const [FROM, TO] = [Date.UTC(2020, 0, 1), Date.UTC(2036, 0, 1)];
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Openings that begin later are not compared: both look no further than a year or so. */
const HORIZON = 380 * DAY;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const ICAL_DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** A window as an inventory says it, and the same for the oracle. */
interface Case {
  readonly window: string | Readonly<Record<string, string>>;
  readonly asked: {
    readonly zone: string;
    readonly moment: number;
    readonly length: number;
    readonly rule: string;
    readonly start: string;
  };
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const dateOf = (moment: number): string => new Date(moment).toISOString().slice(0, 10);
const ordinal = (nth: number): string => (nth < 0 ? 'last' : (['1st', '2nd', '3rd', '4th', '5th'][nth - 1] ?? ''));

/** Half of the moments lie within two days of a change of the zone's clock. */
const moments = fc.record({
  zone: fc.constantFrom(...ZONES),
  at: fc.integer({ min: FROM / MINUTE, max: TO / MINUTE }),
  near: fc.boolean(),
  off: fc.integer({ min: -2 * 1440, max: 2 * 1440 }),
});
const times = fc.record({
  // Clocks change at night, mostly; none of them has been put at a minute that five do not divide.
  from: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 287 })).map((five) => five * 5),
  length: fc.oneof(fc.integer({ min: 1, max: 36 }), fc.integer({ min: 1, max: 140 })).map((five) => five * 5),
});
const days = fc.oneof(
  fc
    .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 })
    .map((on) => ({ kind: 'weekly' as const, on })),
  fc
    .tuple(fc.constantFrom(1, 2, 3, 4, 5, -1), fc.integer({ min: 0, max: 6 }))
    .map(([nth, day]) => ({ kind: 'nth' as const, nth, day })),
  fc
    .constantFrom(
      'FREQ=DAILY',
      'FREQ=DAILY;INTERVAL=3',
      'FREQ=WEEKLY;INTERVAL=2',
      'FREQ=MONTHLY',
      'FREQ=MONTHLY;INTERVAL=2',
      'FREQ=YEARLY',
    )
    .map((rule) => ({ kind: 'rule' as const, rule })),
);

const cases = fc
  .record({ moments, times, days, since: fc.integer({ min: 0, max: 40 }) })
  .map(({ moments: where, times: when, days: which, since }): Case => {
    const { zone, at, near, off } = where;
    const instant = Temporal.Instant.fromEpochMilliseconds(at * MINUTE).toZonedDateTimeISO(zone);
    const change = near ? instant.getTimeZoneTransition('next') : null;
    const isWithin = change && change.epochMilliseconds < TO;
    const moment = isWithin ? change.epochMilliseconds + off * MINUTE : at * MINUTE;
    const { from, length } = when;
    const to = from + length;
    const text = `${clock(from)}-${clock(to > 1440 ? to - 1440 : to)} ${zone}`;
    const asked = { zone, moment: moment / 1000, length };
    // A Monday before all of them, from which the oracle counts.
    const monday = `2019-12-02T${clock(from)}`;
    switch (which.kind) {
      case 'weekly': {
        const named = which.on.map((day) => WEEKDAYS[day]).join(',');
        const rule = `FREQ=WEEKLY;BYDAY=${which.on.map((day) => ICAL_DAYS[day]).join(',')}`;
        return { window: `${named} ${text}`, asked: { ...asked, rule, start: monday } };
      }
      case 'nth': {
        const rule = `FREQ=MONTHLY;BYDAY=${which.nth}${ICAL_DAYS[which.day]}`;
        return {
          window: `${ordinal(which.nth)} ${WEEKDAYS[which.day]} ${text}`,
          asked: { ...asked, rule, start: monday },
        };
      }
      default: {
        const first = dateOf(moment - since * DAY);
        const window = { rrule: which.rule, start: `${first} ${clock(from)}`, duration: `${length}m`, zone };
        return { window, asked: { ...asked, rule: which.rule, start: `${first}T${clock(from)}` } };
      }
    }
  });

/** Of a zone's clock, in seconds. */
function offsetOf(second: number, zone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(second * 1000).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9;
}

function firstOpening({ window, asked }: Case): readonly [number, number] | null {
  const moment = asked.moment * 1000;
  for (const { start, end } of openings(calendarOf(window), moment))
    return start < moment + HORIZON ? [start / 1000, end / 1000] : null;
  return null;
}

it(
  'windows are open when zoneinfo and dateutil say, in all zones and at their changes of clocks, from 2020 to 2035',
  needing('python3-zones'),
  () => {
    const all = fc.sample(cases, { seed: 2035, numRuns: CASES });
    const input = all.map(({ asked }) => `${JSON.stringify(asked)}\n`).join('');
    const env = { ...process.env, PYTHONTZPATH: '', PYTHONDONTWRITEBYTECODE: '1' };
    const { stdout, stderr, status } = spawnSync('python3-zones', [ORACLE], {
      input,
      env,
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    expect(status, stderr).toBe(0);
    const said = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as readonly number[] | null);
    expect(said).toHaveLength(all.length);
    // Zones about which the two databases of zones, if they are not of one age, say different things.
    const unlike = new Set(
      all.flatMap(({ asked: { zone } }, index) => {
        const [start, end, ...offsets] = said[index] ?? [];
        return [start, end].every((at, of) => at === undefined || offsetOf(at, zone) === offsets[of]) ? [] : [zone];
      }),
    );
    const compared = all.flatMap((each, index) => {
      if (unlike.has(each.asked.zone)) return [];
      const [start, end] = said[index] ?? [];
      const isNear = start !== undefined && start * 1000 < each.asked.moment * 1000 + HORIZON;
      return [{ ...each, ours: firstOpening(each), expected: isNear ? [start, end] : null }];
    });
    const differences = compared.filter(({ ours, expected }) => JSON.stringify(ours) !== JSON.stringify(expected));
    const zones = new Set(compared.map(({ asked }) => asked.zone));
    process.stdout.write(
      `${compared.length} windows compared in ${zones.size} zones: ${differences.length} differences; zones left out: ${[...unlike].join(', ') || 'none'}\n`,
    );
    expect(differences.slice(0, 5)).toEqual([]);
    expect(compared.filter(({ expected }) => expected).length).toBeGreaterThan(CASES / 2);
    expect(unlike.size).toBeLessThan(ZONES.length / 50);
  },
);
