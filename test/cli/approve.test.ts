import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { JOURNAL_VERSION, journalLine } from '../../src/journal/journal-line.ts';
import { EVERY_EVENT } from '../report/support/events.ts';
import { Controller } from './support/controller.ts';
import { startElsewhere } from './support/start-entry.ts';

let controller: Controller;
beforeEach(() => {
  controller = new Controller();
});
afterEach(() => controller.close());

const RUN = '20261124T151244Z-abcd';
const PLANNED: Event = {
  ...EVERY_EVENT['rollout-planned'],
  waves: [
    { name: 'canary', clusters: ['a'], approval: 'manual' },
    { name: 'rest', clusters: ['b'], approval: 'manual' },
  ],
};

/** Approves a wave of a run that has told so much, and may still go on on another machine. */
async function approve(events: readonly Event[], ...wave: readonly string[]): Promise<string> {
  const state = join(controller.directory, 'state');
  const entries: readonly JournalEntry[] = [
    startElsewhere(RUN),
    ...events.map((event) => ({ type: 'event', event }) as const),
  ];
  const lines = entries.map((entry, index) =>
    journalLine({ version: JOURNAL_VERSION, sequence: index + 1, time: new Date(0), entry }),
  );
  mkdirSync(join(state, 'runs', RUN), { recursive: true });
  writeFileSync(join(state, 'runs', RUN, 'journal.ndjson'), lines.map((line) => `${line}\n`).join(''));
  const { stdout, stderr } = await controller.run(['approve', RUN, ...wave, '--state', state]);
  return stdout + stderr;
}

test.each<readonly [string, readonly Event[], readonly string[], RegExp]>([
  [
    'still observes: its waves are not known',
    [],
    ['rest'],
    /is still observing its hosts: its waves are not known yet/,
  ],
  ['has no rollout', [EVERY_EVENT['batch-started']], ['rest'], /has no rollout: nothing in it waits for approval/],
  ['waits for none', [PLANNED], [], /no wave of run \S+ is waiting[\s\S]*name one that will: canary, rest/],
  [
    'has started it',
    [PLANNED, EVERY_EVENT['wave-started']],
    ['canary'],
    /already started\n[\s\S]*waves that can be approved: rest/,
  ],
  ['has no such wave', [PLANNED], ['rset'], /has no wave 'rset' that needs to be approved\n[\s\S]*did you mean rest/],
  ['waits for it', [PLANNED, EVERY_EVENT['wave-waiting']], [], /^Wave canary of run \S+ is approved\.$/m],
])('kplay approve of a run that %s', async (_what, events, wave, says) => {
  expect(await approve(events, ...wave)).toMatch(says);
});
