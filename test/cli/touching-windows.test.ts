import { afterAll, beforeAll, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

const NOON = () => new Date('2026-11-30T12:00:00Z');
const DAILY_RULE = '{ rrule: FREQ=DAILY, start: 2026-01-13 01:00, duration: 24h, zone: UTC }';

/** What kplay says of a cluster with these windows, on which a run takes that long. */
async function stderrOf(window: string, expected: string): Promise<string> {
  const cluster = `{ window: ${window}, expected: ${expected} }`;
  const file = controller.file('fleet.yml', `prod: { vars: { kplay_cluster: ${cluster} }, hosts: { m1: } }\n`);
  return (await controller.run(['windows', '-i', file], { wallClock: NOON })).stderr;
}

it.each([
  ['over midnight', '[Tue 22:00-24:00 UTC, Wed 00:00-02:00 UTC]', '3h'],
  ['that overlap', '[Tue 22:00-24:00 UTC, Tue 23:00-01:00 UTC]', '150m'],
  ['of whole days', '"Sat,Sun 00:00-24:00 UTC"', '30h'],
  ['of every day', 'daily 00:00-24:00 UTC', '30h'],
  ['by a rule', DAILY_RULE, '30h'],
  ['of days that are past', '[2026-01-05 22:00-24:00 UTC, 2026-01-06 00:00-02:00 UTC, Sat 01:00-05:00 UTC]', '3h'],
])('windows that touch are long enough for a run together: %s', async (_, window, expected) => {
  expect(await stderrOf(window, expected)).toBe('');
});

it.each([
  ['Tue 22:00-24:00 UTC', '[Tue 22:00-24:00 UTC, Thu 00:00-02:00 UTC]', '3h'],
  ['Tue 22:00-24:00 UTC', '[Tue 22:00-24:00 UTC, Wed 00:00-02:00 UTC]', '5h'],
  ['Tue 01:00-02:00 UTC', '[Tue 01:00-02:00 UTC, Sat 00:00-12:00 UTC]', '3h'],
  ['Tue,Thu 00:00-24:00 UTC', '"Tue,Thu 00:00-24:00 UTC"', '30h'],
])(
  'a window that is too short is an error if none touches it that makes it long enough: %s of %s',
  async (short, window, expected) => {
    expect(await stderrOf(window, expected)).toMatch(new RegExp(`error: ${short} lasts .* it would never start`));
  },
);
