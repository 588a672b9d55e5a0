import { expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import { gitlab } from '../../../src/report/reports/gitlab.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { recordOf } from './support/records.ts';

interface Issue {
  readonly description: string;
  readonly fingerprint: string;
}

/** The issues of a plan with these messages. */
function issuesOf(late: string, shut: string, ...warnings: readonly string[]): readonly Issue[] {
  const { cluster: _, code: __, ...warning } = EVERY_EVENT.warning;
  const window = EVERY_EVENT['window-shut'];
  const events: readonly Event[] = [
    EVERY_EVENT['run-started'],
    EVERY_EVENT['play-started'],
    { ...EVERY_EVENT['window-late'], reason: late },
    { ...window, counts: 'refused', window: { ...window.window, reason: shut } },
    ...warnings.map((message) => ({ ...warning, message })),
  ];
  return JSON.parse(gitlab(recordOf(events.map((event, index) => [index, event])), (file) => file));
}

test('an issue is known again while time passes, and is not taken for another one', () => {
  const kubelet = (ends: string) =>
    `kubelet's client certificate expires 2026-12-10, in ${ends}; it should have renewed it`;
  const before = issuesOf(
    'apiserver of prod-m1 (and 10 more) expires in 9d 23h, before cluster prod may be changed',
    'outside its windows; it may start Tue 2026-12-01 12:43 UTC',
    kubelet('9d 23h'),
    'its clock is 1m 3s ahead',
    'the disk of m1 is full',
    'the disk of m2 is full',
  );
  const after = issuesOf(
    'apiserver of prod-m1 (and 12 more) expires in 23h, before cluster prod may be changed',
    'open for less time than the work is expected to take; it may start Wed 2026-12-02 01:00 Europe/Berlin',
    kubelet('5h'),
    'its clock is 59s ahead',
    'the disk of m1 is full',
    'the disk of m2 is full',
  );
  expect(after.map(({ description }) => description)).not.toEqual(before.map(({ description }) => description));
  expect(after.map(({ fingerprint }) => fingerprint)).toEqual(before.map(({ fingerprint }) => fingerprint));
  // By its text, not by its place in the report.
  const alone = issuesOf('expires in 1h', 'outside its windows', 'the disk of m2 is full');
  expect(alone.at(-1)?.fingerprint).toBe(before.at(-1)?.fingerprint);
  expect(new Set(before.map(({ fingerprint }) => fingerprint)).size).toBe(6);
});

test('an issue without a task is at the first line of what the command was given: of apply the saved plan', () => {
  const started = { ...EVERY_EVENT['run-started'], command: 'apply', source: 'plans/prod.kplan' };
  const events: readonly Event[] = [started, EVERY_EVENT.warning];
  const [issue] = JSON.parse(gitlab(recordOf(events.map((event, index) => [index, event])), (file) => file));
  expect(issue.location).toEqual({ path: 'plans/prod.kplan', lines: { begin: 1 } });
});
