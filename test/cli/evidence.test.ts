import { expect, test } from 'vitest';
import { evidenceOf, type MadeCertificate } from '../../src/cli/journal/evidence.ts';
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

function certificatesOf(...entries: readonly JournalEntry[]): readonly MadeCertificate[] {
  const records = entries.map((entry, index) => ({
    version: JOURNAL_VERSION,
    sequence: index + 1,
    time: new Date(0),
    entry,
  }));
  return evidenceOf(records).certificates;
}

function putBack(...entries: readonly JournalEntry[]): readonly (true | undefined)[] {
  return certificatesOf(...entries).map((certificate) => certificate.putBack);
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

test('a certificate that did not exist before, and was left, is there', () => {
  const undo = { ...undone('certs.restore', true), stays: ['apiserver'] } as JournalEntry;
  expect(putBack(made('m1'), undo)).toEqual([undefined]);
  const evidence = { restored: 'a', directory: '/var/backups/kplay', stays: ['apiserver'] };
  expect(putBack(made('m1'), { type: 'evidence', host: 'm1', task: 'Restore', evidence })).toEqual([undefined]);
});

const proof = (serial: string): JournalEntry => ({
  type: 'evidence',
  host: 'm1',
  task: 'Verify',
  evidence: { certificates: [{ name: 'apiserver', serial, ends: '2026-12-24T00:00:00Z' }], served: [] },
});

test('a rescue that restores a backup has put them back', () => {
  const restored: JournalEntry = { type: 'evidence', host: 'm1', task: 'Restore', evidence: { restored: 'a' } };
  expect(putBack(made('m1'), restored)).toEqual([true]);
  expect(putBack(made('m1'), restored, proof('2'))).toEqual([undefined]);
});

test('a proof of another certificate does not stand in the place of the one that was made', () => {
  const after = (serial: string) =>
    certificatesOf(made('m1'), proof(serial)).map((one) => [one.serial, one.replaced, one.ends, one.putBack]);
  const [serial, replaced, ends] = ['2', '1', '2027-11-24T00:00:00Z'];
  expect(after('1')).toEqual([[serial, replaced, ends, true]]);
  expect(after('3')).toEqual([[serial, replaced, ends, undefined]]);
});

test('what is made after that is there', () => {
  expect(putBack(made('m1'), undone('certs.restore', true), made('m1'))).toEqual([undefined]);
});
