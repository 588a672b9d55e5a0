import { expect, test } from 'vitest';
import { evidenceOf } from '../../src/cli/journal/evidence.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { JOURNAL_VERSION } from '../../src/journal/journal-line.ts';

const made = (host: string): JournalEntry => ({
  type: 'evidence',
  host,
  task: 'Regenerate certificates',
  evidence: { certificates: [{ name: 'apiserver', serial: '2', replaced: '1', ends: '2027-11-24T00:00:00Z' }] },
});
const undone = (step: string, succeeded: boolean): JournalEntry => ({
  type: 'undo',
  host: 'm1',
  step,
  remaining: [],
  succeeded,
  message: '',
});

function putBack(...entries: readonly JournalEntry[]): readonly (true | undefined)[] {
  const records = entries.map((entry, index) => ({
    version: JOURNAL_VERSION,
    sequence: index + 1,
    time: new Date(0),
    entry,
  }));
  return evidenceOf(records).certificates.map((certificate) => certificate.putBack);
}

test('certificates of a host that was put back are told as such, those of others are not', () => {
  expect(putBack(made('m1'), made('m2'), undone('certs.restore', true))).toEqual([true, undefined]);
});

test.each([
  ['that could not be put back', undone('certs.restore', false)],
  ['on which something else was taken back', undone('control_plane.restart', true)],
])('certificates of a host %s are there', (_what, entry) => {
  expect(putBack(made('m1'), entry)).toEqual([undefined]);
});

test('what is made after that is there', () => {
  expect(putBack(made('m1'), undone('certs.restore', true), made('m1'))).toEqual([undefined]);
});
