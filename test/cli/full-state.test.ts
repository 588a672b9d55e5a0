import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import { JOURNAL_VERSION, journalLine } from '../../src/journal/journal-line.ts';
import { RunStore } from '../../src/journal/run-store.ts';
import { canMount, succeeds } from '../support/abilities.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';
import { startElsewhere } from './support/start-entry.ts';

vi.setConfig({ testTimeout: 60_000 });

let controller: Controller;
/** A disk of its own, without room. */
let state: string;
beforeEach(() => {
  controller = new Controller();
  state = join(controller.directory, 'full');
  mkdirSync(state);
});
afterEach(() => {
  succeeds('umount', state);
  controller.close();
});

const DAY_MS = 86_400_000;

function keep(id: string, time: Date, entries: readonly JournalEntry[]): void {
  const run = join(state, 'runs', id);
  mkdirSync(run, { recursive: true });
  const lines = entries.map((entry, index) =>
    journalLine({ version: JOURNAL_VERSION, sequence: index + 1, time, entry }),
  );
  writeFileSync(join(run, 'journal.ndjson'), `${lines.join('\n')}\n`);
}

/** Records the start of a run that may be in progress on another machine. */
function keepRun(): void {
  const id = '20261124T151244Z-abcd';
  keep(id, new Date(0), [startElsewhere(id)]);
}

/** Records runs that ended well some weeks ago. */
function keepEnded(number: number): void {
  for (let run = 1; run <= number; run += 1) {
    const time = new Date(Date.now() - 20 * DAY_MS + run * 60_000);
    const id = `${time.toISOString().replace(/[-:]|\.\d+/g, '')}-abcd`;
    keep(id, time, [
      { ...startElsewhere(id), number: run, hosts: [] },
      { type: 'end', exitCode: 0 },
    ]);
  }
}

function mountFull(before: () => void): void {
  expect(succeeds('mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', state)).toBe(true);
  before();
  succeeds('dd', 'if=/dev/zero', `of=${join(state, 'fill')}`, 'bs=4096');
}

test.skipIf(!canMount)(
  'a run whose journal has no room is told to make some, and how, and contacts no host',
  async () => {
    mountFull(() => keepEnded(25));
    const { inventory } = localHost(controller);
    const play = controller.file('play.yml', '- { hosts: all, tasks: [{ copy: { dest: /made, content: x } }] }\n');
    const { stderr, exitCode } = await controller.run(['run', play, '-i', inventory, '--state', state]);
    expect(stderr).toMatch(/no space is left on the disk\n +make room there/);
    const [, prune = ''] = /: kplay (history --prune .*)/.exec(stderr.replaceAll(/\n +/g, ' ')) ?? [];
    expect(prune).toContain(` --state ${state}`);
    expect(exitCode).toBe(1);
    const removed = await controller.run(prune.split(' '));
    expect(removed).toMatchObject({ stdout: expect.stringContaining('5 runs removed, 20 kept'), exitCode: 0 });
  },
);

test('--prune says why it keeps more than the latest runs that it was told to keep', async () => {
  keepEnded(4);
  const prune = async (...words: readonly string[]) =>
    (await controller.run(['history', '--prune', '--state', state, ...words])).stdout;
  expect(await prune('--keep', '3')).toMatch(
    /^0 runs removed, 4 kept in .*\nBesides the last 3, runs are kept that started in the last 400d \(--keep-for\), may be in progress, or /,
  );
  keepRun();
  expect(await prune('--keep', '1', '--keep-for', '0s')).toMatch(
    /^3 runs removed, 2 kept in .*\nBesides the last 1, runs are kept that may be in progress, or left a host in a state that no later run has mended\.\n$/,
  );
  expect(await prune('--keep', '2', '--keep-for', '0s')).toMatch(/^0 runs removed, 2 kept in .*\n$/);
});

test.skipIf(!canMount)(
  'a disk that fills in the midst is told of once, however many clusters go on without a journal',
  async () => {
    expect(succeeds('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', state)).toBe(true);
    const hosts = ['a', 'b', 'c'].map((name) => {
      const root = join(controller.directory, name);
      mkdirSync(root);
      return `${name}: { vars: { kplay_cluster: { name: ${name} }, ansible_connection: local, kplay_rootfs: ${root} }, hosts: { ${name}1: } }`;
    });
    const inventory = controller.file('fleet.yml', `${hosts.join('\n')}\n`);
    const play = controller.file(
      'play.yml',
      `- name: Fill
  hosts: all
  rollout: { order: name }
  tasks:
    - { command: dd if=/dev/zero of=${join(state, 'fill')} bs=4096, ignore_errors: true }
    - copy: { dest: /made, content: x }
`,
    );
    const { stdout, exitCode } = await controller.run(['run', play, '-i', inventory, '--state', state, '-o', 'plain']);
    const told = 'the journal is incomplete from here on: no space is left on the disk';
    expect(stdout.split(told)).toHaveLength(2);
    expect(stdout).toContain('the run continues to its end');
    expect(stdout).toContain('lacks the end of the run');
    expect(exitCode).toBe(0);
  },
);

test('a run whose journal is removed in the midst goes on, and tells it at its end', async () => {
  const { inventory } = localHost(controller);
  const play = controller.file('play.yml', `- { hosts: all, tasks: [{ command: rm -r ${join(state, 'runs')} }] }\n`);
  const { stdout, exitCode } = await controller.run(['run', play, '-i', inventory, '--state', state, '-o', 'plain']);
  expect(stdout.match(/warning: .*/g)).toEqual([
    expect.stringMatching(/journal\.ndjson was removed while the run was in progress/),
  ]);
  expect(exitCode).toBe(0);
});

test.skipIf(!canMount)('an operator whose word has no room is told that the run has not heard it', async () => {
  mountFull(keepRun);
  expect(new RunStore(join(state, 'runs')).ids()).toHaveLength(1);
  const { stderr, exitCode } = await controller.run(['pause', 'last', '--state', state]);
  expect(stderr).toMatch(
    /no space is left on the disk\n +make room there, then pause it again: the run has not been told\n/,
  );
  expect(exitCode).toBe(1);
});

test.skipIf(!canMount)('an operator whose word meets a file system that became read-only is told so', async () => {
  expect(succeeds('mount', '-t', 'tmpfs', 'tmpfs', state)).toBe(true);
  keepRun();
  expect(succeeds('mount', '-o', 'remount,ro', state)).toBe(true);
  const { stderr, exitCode } = await controller.run(['pause', 'last', '--state', state]);
  expect(stderr).toMatch(
    /cannot be written: the file system is read-only\n +make it writable, then pause it again: the/,
  );
  expect(exitCode).toBe(1);
});
