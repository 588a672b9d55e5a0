import { expect, test } from 'vitest';
import { NO_RESULT } from '../../src/engine/run-result.ts';
import { finishInWindows } from '../../src/fleet/finish-in-windows.ts';
import { timingOf } from '../../src/fleet/timing.ts';
import { calendarOf } from '../calendar/support/calendar-of.ts';
import { FakeHost } from '../engine/support/fake-fleet.ts';
import { carryOut } from '../engine/support/workshop.ts';

test('what is done when a window opens is no longer of the hour in which the run began: others may have worked there since', async () => {
  const host = new FakeHost('m1');
  const opens = new Date('2026-11-27T01:00:00Z');
  const calendar = calendarOf('Fri 01:00-04:00 UTC');
  const schedules = new Map([
    ['prod', { name: 'prod', calendar, expected: { ms: 60_000, source: 'declared' } } as const],
  ]);
  let time = new Date('2026-11-24T15:12:44Z').getTime();
  const clock = () => new Date(time);
  const { result } = await carryOut(
    (request) => {
      const wait = async (): Promise<void> => {
        time = opens.getTime();
      };
      const waiting = { schedules, wallClock: clock, aborted: new AbortController().signal };
      return finishInWindows(
        { ...NO_RESULT, left: ['m1'] },
        { ...request, tools: { ...request.tools, wait } },
        waiting,
      );
    },
    '- hosts: all\n  tasks:\n    - stamp: { key: began }\n',
    [host],
    { clock, timing: timingOf(schedules, clock, { kind: 'wait' }) },
  );
  expect(result.failed).toEqual([]);
  expect(host.slots.get('began')).toBe(opens.toISOString());
});

test.each([
  ['one of several clusters, whose window opens last, is named like the others', { m1: 'dev', m2: 'prod' }, ['prod']],
  ['the only cluster of a run needs no name', { m2: 'prod' }, []],
])('%s', async (_what, clusters, named) => {
  const hosts = Object.keys(clusters).map((name) => new FakeHost(name));
  const calendar = calendarOf('daily 00:00-24:00 UTC');
  const schedules = new Map([
    ['prod', { name: 'prod', calendar, expected: { ms: 60_000, source: 'declared' } } as const],
  ]);
  const waiting = { schedules, wallClock: () => new Date(), aborted: new AbortController().signal };
  const { events, result } = await carryOut(
    (request) => finishInWindows({ ...NO_RESULT, left: ['m2'] }, request, waiting),
    '- hosts: all\n  tasks:\n    - stamp: { key: began }\n',
    hosts,
    { clusters },
  );
  expect(result.left).toEqual([]);
  const finished = events.filter((event) => event.type === 'cluster-finished');
  expect(finished.map(({ cluster, outcome }) => [cluster, outcome])).toEqual(
    named.map((name) => [{ kind: 'declared', name }, 'ok']),
  );
  const tasks = events.filter((event) => event.type === 'task-finished');
  expect(tasks.map(({ cluster }) => cluster)).toEqual([named[0] && { kind: 'declared', name: named[0] }]);
});
