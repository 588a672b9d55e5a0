import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import type { Signal } from '../../src/core/signal.ts';
import { JOURNAL_VERSION, journalLine } from '../../src/journal/journal-line.ts';
import { addSignal, SIGNALS } from '../../src/journal/signals.ts';
import { EVERY_EVENT } from '../report/support/events.ts';
import { Controller } from './support/controller.ts';
import { startElsewhere } from './support/start-entry.ts';

let controller: Controller;
let directory: string;
beforeEach(() => {
  controller = new Controller();
  directory = join(controller.directory, 'state/runs', RUN);
});
afterEach(() => controller.close());

const RUN = '20261124T151244Z-abcd';
const ASKED = EVERY_EVENT['wave-waiting'];
const said = (kind: 'pause' | 'resume' | 'abort', at = '2026-11-24T16:00:00.000Z'): Signal => ({ kind, by: 'a@b', at });

/** A run on another machine that has told so much and was told so much: it may be in progress. */
function run(events: readonly Event[], signals: readonly Signal[], more: readonly JournalEntry[] = []): void {
  const entries: readonly JournalEntry[] = [
    startElsewhere(RUN),
    ...events.map((event) => ({ type: 'event', event }) as const),
    ...more,
  ];
  const lines = entries.map((entry, index) =>
    journalLine({ version: JOURNAL_VERSION, sequence: index + 1, time: new Date(0), entry }),
  );
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'journal.ndjson'), lines.map((line) => `${line}\n`).join(''));
  for (const signal of signals) addSignal(directory, signal, new Date(0));
}

const shown = async (...words: readonly string[]): Promise<string> =>
  (await controller.run([...words, '--state', join(controller.directory, 'state')])).stdout;

const jsonOf = async (...words: readonly string[]) => JSON.parse(await shown(...words, '-o', 'json'));

test.each<readonly [string, readonly Event[], readonly Signal[], string]>([
  ['works', [EVERY_EVENT['cluster-started']], [], 'not ended'],
  ['is paused', [EVERY_EVENT['cluster-started']], [said('pause')], 'not ended, paused'],
  ['was paused', [EVERY_EVENT['cluster-started']], [said('pause'), said('resume')], 'not ended'],
  [
    'was paused, and its machine has set its clock back since',
    [EVERY_EVENT['cluster-started']],
    [said('pause'), said('resume', '2026-11-24T15:00:00.000Z')],
    'not ended',
  ],
  ['is aborted', [EVERY_EVENT['cluster-started']], [said('pause'), said('abort')], 'not ended, aborted'],
  ['waits for approval', [ASKED], [], 'not ended, waits for approval'],
  ['is paused while it waits', [ASKED], [said('pause')], 'not ended, paused'],
  ['is approved', [ASKED], [{ kind: 'approve', wave: 'canary', by: 'a@b' }], 'not ended'],
  ['soaks', [EVERY_EVENT['wave-soaking']], [], 'not ended, soaks'],
  ['waits for a window', [EVERY_EVENT['window-waiting']], [], 'not ended, waits for a window'],
])('kplay history says of a run in progress that it %s', async (_what, events, signals, result) => {
  run(events, signals);
  const [, row = ''] = (await shown('history')).split('\n');
  expect(row.split(/ {2,}/)[6]).toBe(result);
  expect((await jsonOf('history'))[0].result).toBe('not ended');
});

test.each(['history', 'show'])(
  'programs are told by %s that a journal of the first versions says no result',
  async (command) => {
    const words = command === 'show' ? ['show', RUN] : ['history'];
    const summaryOf = async () => [await jsonOf(...words)].flat()[0];
    run([], []);
    expect(await summaryOf()).not.toHaveProperty('older');
    const line = '{"time":"2026-11-25T11:34:21.971Z","type":"end","exitCode":0}\n';
    writeFileSync(join(directory, 'journal.ndjson'), line);
    expect(await summaryOf()).toMatchObject({ run: RUN, result: 'not ended', older: true });
    expect(await shown(...words)).toMatch(/not known/);
  },
);

test('programs are told what a run waits for, and who holds it back', async () => {
  run([EVERY_EVENT['window-waiting']], [said('pause')]);
  const [listed] = await jsonOf('history');
  expect(listed).toMatchObject({
    paused: { by: 'a@b', at: '2026-11-24T16:00:00.000Z' },
    aborted: null,
    waits: { for: 'window', wave: null, clusters: ['prod'], until: '2026-11-25T00:00:00.000Z' },
  });
  expect(await jsonOf('show', RUN)).toMatchObject({ waits: listed.waits, paused: listed.paused });
});

test('a run that has ended waits for nothing, and nobody holds it back', async () => {
  run([ASKED], [said('abort')], [{ type: 'end', exitCode: 130 }]);
  expect((await jsonOf('history'))[0]).toMatchObject({ paused: null, aborted: null, waits: null });
  expect(await shown('history')).toMatch(/ {2}interrupted {2}/);
});

test('a run is listed and shown although what operators have said to it cannot be read', async () => {
  run([ASKED], []);
  mkdirSync(join(directory, SIGNALS));
  expect(await shown('history')).toContain('not ended, waits for approval');
  expect(await shown('show', RUN)).toMatch(/^waits: +wave canary is waiting [\s\S]*signals\.ndjson .* cannot be read/m);
  expect((await jsonOf('show', RUN)).signals).toBeNull();
});
