import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openings } from '../../src/calendar/openings.ts';
import { needing } from '../support/programs.ts';
import { fc, seedOfCases } from '../support/random-cases.ts';
import { anyEvents, type EventCase, zonedOf } from './support/any-events.ts';
import { CalendarFiles } from './support/calendar-files.ts';

vi.setConfig({ testTimeout: 3_600_000 });

const ORACLE = fileURLToPath(new URL('./support/events-oracle.py', import.meta.url));
/** How many calendars are compared: as many in every run of the long tests, more when asked for. */
const CASES = Number(process.env['KPLAY_WINDOW_CASES'] ?? 2_000);
const DAY = 86_400_000;

let calendars: CalendarFiles;
beforeAll(() => {
  calendars = new CalendarFiles();
});
afterAll(() => calendars.close());

/** What the oracle calls what is refused. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/ by the clock the event ends before it starts/, 'no length'],
  [/ the event ends before it starts/, 'before'],
  [/ RRULE: it has no day within 20 years/, 'no day'],
  [/ no event of that UID has an occurrence at /, 'no occurrence'],
];

interface Answer {
  readonly openings?: readonly (readonly [number, number])[];
  readonly refused?: string;
}

/** All times of the events, in seconds: what is open, or, if they are closed times, what is not. */
function answerOf({ zone, events, isClosed, change }: EventCase): Answer {
  calendars.write('x.ics', ...events.map((lines) => lines.join('\n')));
  const source = `{ calendar: x.ics, zone: ${zone} }`;
  const { calendar, said } = isClosed ? calendars.read(undefined, source) : calendars.read(source);
  if (said.length > 0) return { refused: REFUSED.find(([form]) => form.test(said[0] ?? ''))?.[1] ?? said.join('; ') };
  const open = [...openings(calendar, change - 20 * DAY)].map(({ start, end }) => [start / 1000, end / 1000] as const);
  if (!isClosed) return { openings: open };
  return { openings: open.slice(1).map(([opens], index) => [open[index]?.[1] ?? Number.NaN, opens] as const) };
}

it(
  'events are when zoneinfo and dateutil say, around changes of clocks, by times in UTC, in zones and without one, and by days',
  needing('python3-zones'),
  () => {
    const all = fc.sample(anyEvents, { seed: seedOfCases(5545), numRuns: CASES });
    const asked = all.map(({ zone, events, clocks, change }) => {
      const probes = [...clocks, zone].flatMap((clock) =>
        [-5, 0, 5, 40, 90, 180, 270].map((days) => [clock, (change + days * DAY) / 1000] as const),
      );
      return { zone, events, probes };
    });
    const { stdout, stderr, status } = spawnSync('python3-zones', [ORACLE], {
      input: asked.map((each) => `${JSON.stringify(each)}\n`).join(''),
      env: { ...process.env, PYTHONTZPATH: '', PYTHONDONTWRITEBYTECODE: '1' },
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    expect(status, stderr).toBe(0);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer & { readonly offsets: readonly number[] });
    expect(answers).toHaveLength(all.length);
    const compared = all.flatMap((each, index) => {
      const { offsets, ...expected } = answers[index] ?? expect.fail('no answer');
      // Databases of zones that are not of one age may disagree.
      const isAlike = (asked[index]?.probes ?? []).every(
        ([zone, second], at) => zonedOf(second * 1000, zone).offsetNanoseconds / 1e9 === offsets[at],
      );
      return isAlike ? [{ ...each, expected, ours: answerOf(each) }] : [];
    });
    const differences = compared.filter(({ ours, expected }) => JSON.stringify(ours) !== JSON.stringify(expected));
    const refused = compared.filter(({ expected }) => expected.refused !== undefined);
    process.stdout.write(
      `${compared.length} of ${all.length} calendars compared, ${refused.length} of them refused: ${differences.length} differences\n`,
    );
    expect(differences.slice(0, 5)).toEqual([]);
    expect(compared.length).toBeGreaterThan(CASES * 0.9);
    expect(refused.length).toBeLessThan(CASES / 2);
    for (const [, why] of REFUSED) expect(refused.some(({ expected }) => expected.refused === why)).toBe(true);
  },
);
