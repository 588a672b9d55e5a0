import { afterAll, beforeAll, expect, it } from 'vitest';
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
