import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
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

const approve = (events: readonly Event[], ...wave: readonly string[]) => say(events, 'approve', RUN, ...wave);

/** Gives a command about a run that has told so much, and may still go on on another machine. */
async function say(events: readonly Event[], ...command: readonly string[]): Promise<string> {
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
  const { stdout, stderr } = await controller.run([...command, '--state', state]);
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
  ['waits for a window, without a rollout', [EVERY_EVENT['window-waiting']], [], /has no rollout/],
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

const AWAY: Event = {
  type: 'warning',
  hosts: [],
  message: 'the rollout cannot be queried: the Temporal server at localhost:7233 does not answer',
  engine: 'away',
};

test.each(['approve', 'pause', 'abort'])(
  'kplay %s says that it has to wait for a server that is away',
  async (kind) => {
    const words = [kind, RUN, ...(kind === 'approve' ? ['canary'] : [])];
    const says = 'The server that keeps the rollout does not answer at the moment: this applies as soon as it does.\n';
    expect(await say([PLANNED, AWAY], ...words)).toContain(says);
    expect(await say([PLANNED, AWAY, { ...AWAY, engine: 'back' }], ...words)).not.toContain(says);
  },
);

test.each(['approve', 'pause', 'abort'])('kplay %s says that a run of another machine may have ended', async (kind) => {
  const words = [kind, RUN, ...(kind === 'approve' ? ['canary'] : [])];
  expect(await say([PLANNED], ...words)).toMatch(
    /^elsewhere, where it was started, cannot be seen from here: this applies only if the run is still in progress there\.$/m,
  );
});

test('kplay approve shows the reason of an earlier approval as text', async () => {
  const words = ['approve', RUN, 'canary', '--state', join(controller.directory, 'state')];
  await say([PLANNED], ...words.slice(0, 3), '--reason', 'it is \x1b[2Jdue\u202e');
  const { stdout } = await controller.run(words);
  expect(stdout).toMatch(/^Wave canary of run \S+ was approved before, by .*: it is \\x1b\[2Jdue\\u202e\.\n$/);
});

test.each(['approve', 'pause', 'abort'])('kplay %s of a run whose journal is damaged says so', async (kind) => {
  const path = controller.file(`state/runs/${RUN}/journal.ndjson`, 'x'.repeat(99));
  const { exitCode, stderr } = await controller.run([kind, RUN, '--state', join(path, '../../..')]);
  expect(stderr).toContain(
    `the journal of run ${RUN} cannot be read: it is not known whether the run is still in progress`,
  );
  expect(exitCode).toBe(1);
});

/** A run whose process is gone, and the run in progress that resumes it. */
async function sayOfResumed(...command: readonly string[]): Promise<string> {
  const start = { ...startElsewhere(RUN), machine: hostname(), pid: spawnSync('true').pid };
  const recipe = {
    runId: RUN,
    now: '2026-11-24T15:12:44.000Z',
    command: 'run',
    playbook: '/play.yml',
    options: {},
    hiddenVars: 0,
    files: {},
  } as const;
  const entries = [
    { ...start, recipe },
    { ...startElsewhere(`${RUN}.2`), machine: hostname(), pid: process.pid, resumes: RUN, recipe },
  ];
  for (const entry of entries)
    controller.file(
      `state/runs/${entry.runId}/journal.ndjson`,
      `${journalLine({ version: JOURNAL_VERSION, sequence: 1, time: new Date(0), entry })}\n`,
    );
  const { stdout, stderr } = await controller.run([...command, '--state', join(controller.directory, 'state')]);
  return stdout + stderr;
}

test.each(['approve', 'pause', 'abort'])('kplay %s of a run that another resumes names the other', async (kind) => {
  expect(await sayOfResumed(kind, RUN)).toMatch(
    new RegExp(`run ${RUN} has ended, and run ${RUN}\\.2 resumes it\n[\\s\\S]*name that run instead: ${RUN}\\.2$`, 'm'),
  );
});

test('kplay show of a run that another resumes does not propose to resume it again', async () => {
  const shown = await sayOfResumed('show', RUN);
  expect(shown).toContain(`Run ${RUN}.2 resumes it, and is in progress.\nNext: kplay show ${RUN}.2 `);
  expect(shown).not.toContain('kplay resume');
});

test.each(['approve', 'pause', 'abort'])(
  'kplay %s last is refused while several runs are in progress: when the last one ends it would mean another',
  async (kind) => {
    const ids = ['20261124T151246Z-0001', '20261124T151247Z-0002'];
    for (const id of ids)
      controller.file(
        `state/runs/${id}/journal.ndjson`,
        `${journalLine({
          version: JOURNAL_VERSION,
          sequence: 1,
          time: new Date(0),
          entry: { ...startElsewhere(id), machine: hostname(), pid: process.pid },
        })}\n`,
      );
    const { exitCode, stderr } = await controller.run([kind, 'last', '--state', join(controller.directory, 'state')]);
    expect(stderr).toContain('2 runs are in progress');
    expect(stderr.replace(/\s+/g, ' ')).toContain(`name one: ${ids[0]} (run play.yml), ${ids[1]} (run play.yml)`);
    expect(exitCode).toBe(1);
  },
);

test('last means no run whose journal is damaged', async () => {
  controller.file('state/runs/20261124T151245Z-dead/journal.ndjson', 'x'.repeat(99));
  expect(await say([PLANNED, EVERY_EVENT['wave-waiting']], 'approve', 'last')).toContain(
    `Wave canary of run ${RUN} is approved.`,
  );
});

test('kplay show says since when nothing is known of a rollout whose server is away', async () => {
  const shown = (await say([PLANNED, AWAY], 'show', RUN)).replace(/\s+/g, ' ');
  expect(shown).toContain(
    'unknown: since 1970-01-01T00:00:00Z: the rollout cannot be queried: the Temporal server at localhost:7233 does not answer',
  );
  expect(await say([PLANNED, AWAY, { ...AWAY, engine: 'back' }], 'show', RUN)).not.toContain('unknown:');
});
