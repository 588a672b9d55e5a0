import { beforeEach, expect, test } from 'vitest';
import { OutageReports } from '../../src/cli/temporal/outage-reports.ts';
import { InputError } from '../../src/core/diagnostic.ts';
import type { Event } from '../../src/core/events/event.ts';

const ENGINE = { address: 'localhost:7233', namespace: 'prod', text: 'temporal://localhost:7233/prod' };
const unreachable = Object.assign(new Error('14 UNAVAILABLE'), {
  code: 14,
  details: 'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:7233. Resolution note: ',
});
const noWorker = InputError.of('no worker answers', undefined, 'start one');

let now = 0;
let told: Event[];
let reports: OutageReports;
beforeEach(() => {
  told = [];
  now = 0;
  reports = new OutageReports(
    ENGINE,
    (event) => told.push(event),
    () => new Date(now),
  );
});

const messages = () => told.map((event) => event.type === 'warning' && [event.engine, event.message]);

test('an outage is told once for each reason, in the words of the system, and when it has ended', () => {
  now = 1_000_000;
  reports.ended();
  now += 22_000;
  reports.failed(unreachable);
  reports.failed(unreachable);
  reports.failed(noWorker);
  reports.failed(unreachable);
  now = 1_097_000;
  reports.ended();
  reports.ended();
  const away =
    'the rollout cannot be queried: the Temporal server at localhost:7233 does not answer: connect ECONNREFUSED 127.0.0.1:7233';
  const once = [
    ['away', away],
    ['away', 'no worker answers'],
    ['back', 'the rollout can be queried again, after 1m 37s'],
  ];
  expect(messages()).toEqual(once);
  reports.failed(unreachable);
  expect(messages()).toEqual([...once, ['away', away]]);
});

test('where nothing has failed, nothing is told', () => {
  reports.ended();
  expect(told).toEqual([]);
});
