import { RRuleTemporal } from 'rrule-temporal';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { Controller } from './support/controller.ts';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

const CALENDAR = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Berlin:20260106T010000
DURATION:PT3H
RRULE:FREQ=WEEKLY;BYDAY=TU
END:VEVENT
END:VCALENDAR
`;
const NOW = { wallClock: () => new Date('2026-11-27T12:00:00Z') };

it('a cluster goes by the events of a calendar beside its inventory, and says which', async () => {
  controller.file('maintenance.ics', CALENDAR);
  const file = controller.file(
    'fleet.yml',
    'prod: { vars: { kplay_cluster: { window: { calendar: maintenance.ics }, closed: 2026-12-08 } }, hosts: { m1: } }\n',
  );
  const { stdout, exitCode } = await controller.run(['windows', '-i', file, '--next', '2'], NOW);
  expect(stdout).toBe(`CLUSTER  NOW   OPEN                                FOR  A RUN TAKES
prod     shut  Tue 2026-12-01 01:00 Europe/Berlin  3h   30m (default)
               Tue 2026-12-15 01:00 Europe/Berlin  3h
`);
  expect(exitCode).toBe(0);
  const json = await controller.run(['windows', '-i', file, '-o', 'json'], NOW);
  expect(JSON.parse(json.stdout).clusters[0]).toMatchObject({
    windows: 'events of maintenance.ics, closed 2026-12-08 Europe/Berlin',
    opens: '2026-12-01T00:00:00.000Z',
  });
});

it.each([
  ['is over', 'window: 2025-01-02 01:00-04:00 UTC', 'no further window'],
  ['is closed', 'window: Tue 01:00-04:00 UTC, closed: 2026-01-01..2036-01-01', 'no window within 400 days'],
  [
    'is made too short by what is closed',
    'window: Tue 22:00-04:00 UTC, closed: { calendar: wednesdays.ics }, expected: 3h',
    'no window within 400 days',
  ],
  [
    'has a rule that has ended',
    "window: { rrule: 'FREQ=WEEKLY;COUNT=2', start: 2026-01-13 01:00, duration: 3h, zone: UTC }",
    'no further window',
  ],
])('a window that %s is told of where it stands: nothing is ahead', async (_, says, has) => {
  const wednesdays = CALENDAR.replace('TZID=Europe/Berlin:20260106T010000', 'VALUE=DATE:20260107').replace(
    'PT3H',
    'P1D',
  );
  controller.file('wednesdays.ics', wednesdays.replace('BYDAY=TU', 'BYDAY=WE'));
  const file = controller.file('fleet.yml', `prod: { vars: { kplay_cluster: { ${says} } }, hosts: { m1: } }\n`);
  const { stderr, exitCode } = await controller.run(['windows', '-i', file], NOW);
  expect(stderr).toContain(`warning: cluster prod has ${has} that a run fits into`);
  expect(stderr).toContain('fleet.yml:1:');
  expect(exitCode).toBe(0);
});

it('what is wrong with the calendar is shown in its line, before anything is contacted', async () => {
  controller.file('maintenance.ics', CALENDAR.replace('FREQ=WEEKLY;BYDAY=TU', 'FREQ=HOURLY').replace('PT3H', 'PT5M'));
  const file = controller.file(
    'fleet.yml',
    'prod: { vars: { kplay_cluster: { window: { calendar: maintenance.ics } } }, hosts: { m1: } }\n',
  );
  const { stderr, exitCode } = await controller.run(['check', '-i', file]);
  expect(stderr).toContain('maintenance.ics:8:1\n8│ RRULE:FREQ=HOURLY\n');
  expect(stderr).toContain('error: RRULE: FREQ=HOURLY cannot be the rule of a window');
  expect(exitCode).toBe(1);
  controller.file('maintenance.ics', CALENDAR.replace('PT3H', 'PT5M'));
  expect((await controller.run(['check', '-i', file])).stderr).toContain(
    'the longest of the events of maintenance.ics lasts 5m, and a run on the cluster is expected to take 30m (default): it would never start',
  );
});

/** An inventory of clusters that say all the same. */
function fleetOf(clusters: number, says: string): string {
  const vars = Array.from(
    { length: clusters },
    (_, index) => `c${index}: { vars: { kplay_cluster: { name: c${index}, ${says} } }, hosts: { m${index}: } }\n`,
  );
  return controller.file(`fleet-of-${clusters}.yml`, vars.join(''));
}

it.each([
  ['a calendar', "window: 'Tue 01:00-04:00 UTC', closed: { calendar: days.ics }"],
  ['a calendar in another zone', "window: 'Tue 01:00-04:00 UTC', closed: { calendar: days.ics, zone: Asia/Tokyo }"],
  ['windows by a calendar', 'window: { calendar: maintenance.ics }'],
  ['a rule', "window: { rrule: 'FREQ=WEEKLY;BYDAY=TU', start: 2026-01-13 01:00, duration: 3h, zone: UTC }"],
])('%s that many clusters name is evaluated once for all of them', async (_, says) => {
  controller.file('maintenance.ics', CALENDAR);
  const daily = CALENDAR.replace(/DTSTART.*/, 'DTSTART;VALUE=DATE:20200101').replace(/DURATION.*/, 'DURATION:P1D');
  controller.file('days.ics', daily.replace(/RRULE.*/, 'RRULE:FREQ=DAILY;INTERVAL=3'));
  const between = vi.spyOn(RRuleTemporal.prototype, 'between');
  onTestFinished(() => between.mockRestore());
  const evaluations = async (clusters: number): Promise<number> => {
    between.mockClear();
    const { exitCode, stdout } = await controller.run(['windows', '-i', fleetOf(clusters, says)], NOW);
    expect([exitCode, stdout.match(/^c\d+ /gm)?.length]).toEqual([0, clusters]);
    return between.mock.calls.length;
  };
  const ofOne = await evaluations(1);
  expect(ofOne).toBeGreaterThan(0);
  expect(await evaluations(40)).toBe(ofOne);
});

it('calendars of one name in two places, or in two zones, are not one', async () => {
  const freeze = (start: string, duration: string) =>
    CALENDAR.replace(/DTSTART.*/, `DTSTART${start}`).replace(/DURATION.*/, `DURATION:${duration}`);
  controller.file('north/freeze.ics', freeze(';VALUE=DATE:20260107', 'P1D').replace('BYDAY=TU', 'BYDAY=WE'));
  controller.file('south/freeze.ics', freeze(';VALUE=DATE:20260106', 'P1D'));
  const says = (name: string, more: string) =>
    `${name}: { vars: { kplay_cluster: { name: ${name}, window: 'Tue 01:00-03:00 UTC', closed: { calendar: freeze.ics${more} } } }, hosts: { ${name}-m: } }\n`;
  const north = controller.file('north/fleet.yml', says('n', ''));
  const south = controller.file('south/fleet.yml', says('s', '') + says('w', ', zone: America/New_York'));
  const { stdout, stderr } = await controller.run(['windows', '-i', north, '-i', south, '--next', '1'], NOW);
  expect(stderr.match(/warning: .*/g)).toEqual([
    'warning: cluster s has no window within 400 days that a run fits into (30m (default))',
  ]);
  expect(stdout).toMatch(/^n +shut +Tue 2026-12-01 01:00 UTC/m);
  expect(stdout).toMatch(/^s +shut +not within 400 days/m);
  expect(stdout).toMatch(/^w +shut +Tue 2026-12-01 01:00 UTC/m);
});

it('rules that differ by less than their durations are shown with are not one', async () => {
  const says = (name: string, duration: string) =>
    `${name}: { vars: { kplay_cluster: { name: ${name}, expected: 3610s, window: { rrule: FREQ=DAILY, start: 2026-01-13 01:00, duration: ${duration}, zone: UTC } } }, hosts: { ${name}-m: } }\n`;
  const file = controller.file('rules.yml', says('long', '3620s') + says('short', '3600s'));
  const { stderr, exitCode } = await controller.run(['windows', '-i', file], NOW);
  expect(stderr.match(/error: .*/g)).toEqual([
    expect.stringContaining('windows of FREQ=DAILY from 2026-01-13 01:00 for 1h UTC lasts 1h, and a run'),
  ]);
  expect(exitCode).toBe(1);
});

it('what is wrong with a calendar is told once, however many clusters name it', async () => {
  controller.file('wrong.ics', CALENDAR.replace('FREQ=WEEKLY;BYDAY=TU', 'FREQ=HOURLY'));
  const { stderr } = await controller.run(['windows', '-i', fleetOf(3, 'window: { calendar: wrong.ics }')], NOW);
  expect(stderr.match(/error: .*/g)).toEqual(['error: RRULE: FREQ=HOURLY cannot be the rule of a window']);
});

it('a cluster that is only closed at times is open until it closes, and how long that is, is said', async () => {
  const sundays = CALENDAR.replace(/DTSTART.*/, 'DTSTART;VALUE=DATE:20240106').replace(/DURATION.*/, 'DURATION:P1D');
  controller.file('later.ics', sundays.replace(/RRULE.*/, 'RRULE:FREQ=YEARLY;INTERVAL=4'));
  const says = (name: string, closed: string) =>
    `${name}: { vars: { kplay_cluster: { name: ${name}, closed: ${closed} } }, hosts: { ${name}-m: } }\n`;
  const file = controller.file(
    'closed.yml',
    says('year-end', '2026-12-24..2027-01-06 Europe/Berlin') +
      says('soon', '2026-11-28 UTC') +
      says('past', '2025-12-24 UTC') +
      says('rule', '{ calendar: later.ics, zone: UTC }'),
  );
  const now = { wallClock: () => new Date('2026-11-27T23:45:00Z') };
  const { stdout } = await controller.run(['windows', '-i', file], now);
  expect(
    stdout,
  ).toBe(`CLUSTER   NOW   OPEN                                                FOR                        A RUN TAKES
year-end  open  now, until Thu 2026-12-24 00:00 Europe/Berlin       25d                        30m (default)
                Thu 2027-01-07 00:00 Europe/Berlin, without an end
soon      shut  now, until Sat 2026-11-28 00:00 UTC                 15m (too short for a run)  30m (default)
                Sun 2026-11-29 00:00 UTC, without an end
past      open  Thu 2025-12-25 00:00 UTC, without an end                                       30m (default)
rule      open  now, until Sat 2028-01-01 23:45 UTC or later        400d or longer             30m (default)
`);
});

it('a window that has too little left for a run is not called too short for one', async () => {
  const file = fleetOf(1, "window: 'daily 22:00-04:00 UTC', expected: 30m");
  const at = async (now: string) => {
    const { stdout } = await controller.run(['windows', '-i', file, '--next', '1'], { wallClock: () => new Date(now) });
    return stdout.split('\n')[1]?.replace(/ {2,}/g, ' | ');
  };
  expect(await at('2026-11-27T03:45:00Z')).toMatch(/ \| 6h \(too little of it left for a run\) \| 30m \(declared\)$/);
  expect(await at('2026-11-27T03:15:00Z')).toMatch(/ \| 6h \| 30m \(declared\)$/);
});
