import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import { summaryOf } from '../../src/journal/run-summary.ts';

const START: JournalEntry = {
  type: 'start',
  runId: 'run',
  number: 1,
  eventVersion: 2,
  command: 'run',
  source: 'renew-certs.yml',
  kplayVersion: '1.0.0',
  user: 'root',
  machine: 'here',
  pid: 1,
  hosts: ['m1', 'm2'],
  clusters: [],
};

function hostsOf(damage: readonly string[], ...entries: readonly JournalEntry[]) {
  const records = [START, ...entries].map((entry, at) => ({
    version: 1,
    sequence: at + 1,
    time: new Date(at),
    entry,
  }));
  return summaryOf('run', { records, damage, isNewer: false }, () => false).hosts;
}

describe('a journal that does not tell the end', () => {
  test('tells of hosts on which nothing had begun that they are unchanged', () => {
    expect(hostsOf([])).toEqual([
      { host: 'm1', state: 'unchanged', isWell: true },
      { host: 'm2', state: 'unchanged', isWell: true },
    ]);
  });

  test('and is damaged does not: the run went on without it', () => {
    const [state, isWell] = ['unknown: the journal is damaged', false];
    expect(hostsOf(['the last line was not written to its end'])).toEqual([
      { host: 'm1', state, isWell },
      { host: 'm2', state, isWell },
    ]);
  });
});
