import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runner } from '../../src/cli/run/liveness.ts';
import type { JournalEntry, StartEntry } from '../../src/core/journal.ts';
import { journalLine } from '../../src/journal/journal-line.ts';
import { Controller, type Ended } from './support/controller.ts';
import { startElsewhere } from './support/start-entry.ts';

const RUN = '20261124T151244Z-3f9c';

let controller: Controller;
let journal: string;
let sequence: number;
beforeEach(() => {
  controller = new Controller();
  journal = join(controller.directory, 'state/kplay/runs', RUN, 'journal.ndjson');
  mkdirSync(dirname(journal), { recursive: true });
  sequence = 0;
});
afterEach(() => controller.close());

const line = (entry: JournalEntry): string => {
  sequence += 1;
  return `${journalLine({ version: 1, sequence, time: new Date('2026-11-24T15:12:44Z'), entry })}\n`;
};
const record = (...entries: readonly JournalEntry[]): void => appendFileSync(journal, entries.map(line).join(''));
const said = (text: string): JournalEntry => ({ type: 'event', event: { type: 'warning', hosts: [], message: text } });
const END: JournalEntry = { type: 'end', exitCode: 2 };
/** A run of a process that is there, as long as these tests are. */
const startHere = (): StartEntry => ({
  ...startElsewhere(RUN),
  ...runner({ user: 'ops' } as Parameters<typeof runner>[0]),
});

/** `kplay logs -f`; each act comes when the output has come to hold its text. */
function follow(words: readonly string[], ...acts: readonly (readonly [text: string, act: () => void])[]) {
  const left = [...acts];
  let all = '';
  return controller.run(['logs', '-f', ...words], {
    onOutput: (text) => {
      all += text;
      for (let [next] = left; next && all.includes(next[0]); [next] = left) {
        left.shift();
        next[1]();
      }
    },
  });
}

describe('kplay logs -f', { timeout: 20_000 }, () => {
  it('shows what a run in progress says, until its end', async () => {
    record(startHere(), said('one'));
    const { exitCode, stdout, stderr } = await follow(
      ['last'],
      ['one', () => record(said('two'))],
      ['two', () => record(said('three'), END)],
    );
    expect(stdout.match(/one|two|three/g)).toEqual(['one', 'two', 'three']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('shows a line when it is complete, and nothing twice', async () => {
    record(startHere(), said('one'));
    const torn = line(said('tw\u00f6'));
    const middle = torn.indexOf('tw') + 3;
    const bytes = Buffer.from(torn);
    const { stdout, stderr } = await follow(
      ['last', '-o', 'json'],
      [
        'one',
        () => {
          appendFileSync(journal, bytes.subarray(0, middle));
          // Later than it can have been looked at once.
          setTimeout(() => appendFileSync(journal, bytes.subarray(middle)), 600);
        },
      ],
      ['tw\u00f6', () => record(END)],
    );
    expect(stdout.match(/"message":"[^"]*"/g)).toEqual(['"message":"one"', '"message":"tw\u00f6"']);
    expect(stderr).toBe('');
  });

  it('waits for a run that has not written anything yet, and shows only the hosts that are asked for', async () => {
    const { exitCode, stdout, stderr } = await controller.run(['logs', RUN, '--follow', '-l', 'a1'], {
      onError: () => record(startHere(), said('one'), END),
    });
    expect(stderr).toBe(`warning: run ${RUN} has not recorded anything yet: waiting for it\n`);
    expect(stdout).toContain('one');
    expect(exitCode).toBe(0);
  });

  it('ends with a run whose process is gone, and says so', async () => {
    record({ ...startHere(), processStart: 'another boot 1' }, said('one'));
    appendFileSync(journal, '{"version":1,"sequ');
    expect(await follow(['last'])).toMatchObject({
      exitCode: 0,
      stderr: `warning: the process of run ${RUN} is gone and has reported no end; see kplay show ${RUN}\nwarning: the journal is damaged: the last line is incomplete\n`,
    });
  });

  it('says of a rollout that workers go on with who can tell more', async () => {
    const recipe = { runId: RUN, options: { engine: 'temporal://127.0.0.1:1' } } as unknown as StartEntry['recipe'];
    record({ ...startHere(), processStart: 'another boot 1', ...(recipe && { recipe }) });
    const { stderr } = await follow(['last']);
    expect(stderr).toBe(
      `warning: nobody on this machine follows the rollout any more; kplay show ${RUN} asks its server, and kplay resume ${RUN} follows it again\n`,
    );
  });

  it('ends with 130 when it is interrupted, and with a record that is removed', async () => {
    record(startElsewhere(RUN), said('one'));
    const interrupted = await follow(['last'], ['one', () => process.emit('SIGINT')]);
    expect(interrupted).toMatchObject({ exitCode: 130, stderr: '' });
    const removed = await follow(['last'], ['one', () => rmSync(dirname(journal), { recursive: true })]);
    expect(removed.exitCode).toBe(0);
    expect(removed.stderr).toMatch(/cannot be read: there is no such file/);
  });

  it('refuses a host that the run does not have', async () => {
    record(startHere(), END);
    const { exitCode, stderr }: Ended = await follow(['last', '-l', 'hare']);
    expect(stderr).toContain("had no host 'hare'");
    expect(exitCode).toBe(1);
  });
});
