import { expect, test } from 'vitest';
import type { KeptRun } from '../../src/cli/journal/kept-runs.ts';
import { leftHosts } from '../../src/cli/journal/left-hosts.ts';
import type { HostStateCode } from '../../src/core/events/recap.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { UNTOUCHED } from '../../src/engine/run-result.ts';
import { JOURNAL_VERSION } from '../../src/journal/journal-line.ts';
import { summaryOf } from '../../src/journal/run-summary.ts';
import { startOf } from '../journal/support/start.ts';

const TO = '/var/backups/kplay';

function run(id: string, state: HostStateCode, ...entries: readonly JournalEntry[]): KeptRun {
  const finished: JournalEntry = {
    type: 'event',
    event: { type: 'run-finished', hosts: [{ ...UNTOUCHED, host: 'm1', state }], elapsedMs: 1, exitCode: 2, next: [] },
  };
  const all = [startOf(id, { hosts: ['m1'] }), ...entries, finished, { type: 'end', exitCode: 2 } as const];
  const records = all.map((entry, at) => ({ version: JOURNAL_VERSION, sequence: at + 1, time: new Date(at), entry }));
  const reading = { records, damage: [], isNewer: false };
  return { summary: summaryOf(id, reading, () => false), reading };
}

const saved = (backup: string): JournalEntry => ({
  type: 'evidence',
  host: 'm1',
  task: 'Back up',
  evidence: { backup, directory: TO },
});
const INTENT: JournalEntry = { type: 'intent', host: 'm1', task: 'Renew', changes: [] };
const undone = (backup: string): JournalEntry => ({
  type: 'undo',
  host: 'm1',
  step: 'certs.restore',
  params: { backup, backup_to: TO },
  remaining: [],
  succeeded: true,
  message: '',
});

const FIRST = run('run', 'changed', saved('run'), INTENT);

test('an undo that leads back to what an earlier run has made leaves the host as that run did', () => {
  const second = run('run.2', 'restored', saved('run-2'), INTENT, undone('run-2'));
  expect(leftHosts([FIRST, second]).get('m1')).toEqual({ run: 'run', state: 'changed', isWell: true });
});

test('one that leads back to before all runs leaves nothing of them', () => {
  expect(leftHosts([FIRST, run('run.2', 'restored', INTENT, undone('run'))]).size).toBe(0);
  expect(leftHosts([run('run', 'restored', saved('run'), INTENT, undone('run'))]).size).toBe(0);
});

test('each journal of a chain is read as often as in a chain of one', () => {
  let reads = 0;
  const runs = [FIRST, FIRST, FIRST, FIRST].map(({ summary, reading }) => ({
    summary,
    reading: {
      ...reading,
      get records() {
        reads += 1;
        return reading.records;
      },
    },
  }));
  leftHosts(runs.slice(0, 1));
  const once = reads;
  leftHosts(runs);
  expect(reads - once).toBe(4 * once);
});
