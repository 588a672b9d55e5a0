import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import { FileJournal } from '../../src/journal/file-journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'kplay-journal-'));
afterAll(() => rmSync(directory, { recursive: true }));

const NOW = '2026-11-24T15:12:44.000Z';

function journalAt(name: string): FileJournal {
  return new FileJournal(join(directory, name, 'run.jsonl'), () => new Date(NOW));
}

function intent(host: string): JournalEntry {
  return { type: 'intent', host, task: 'Renew', changes: [] };
}

function done(host: string): JournalEntry {
  return { type: 'done', host, task: 'Renew' };
}

function entriesOf({ path }: FileJournal): readonly unknown[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('entries stand in the file, with their time, when they have been written', async () => {
  const journal = journalAt('one');
  await journal.write(intent('m1'));
  expect(entriesOf(journal)).toEqual([{ time: NOW, ...intent('m1') }]);
  await journal.write(done('m1'));
  expect(entriesOf(journal)).toHaveLength(2);
  await journal.close();
});

test('entries of hosts side by side keep their order', async () => {
  const journal = journalAt('many');
  const hosts = Array.from({ length: 50 }, (_, index) => `m${index}`);
  await Promise.all(
    hosts.map(async (host) => {
      await journal.write(intent(host));
      await journal.write(done(host));
    }),
  );
  await journal.close();
  expect(entriesOf(journal)).toMatchObject([...hosts.map(intent), ...hosts.map(done)]);
});

test('an intent is on the disk before the change begins; a look goes there with the next of them', async () => {
  const file = await open(join(directory, 'any'), 'w');
  const synced = vi.spyOn(Object.getPrototypeOf(file), 'datasync');
  await file.close();
  const journal = journalAt('synced');
  const look: JournalEntry = { type: 'look', host: 'm1', task: 'Look', changes: [] };
  await journal.write(look);
  expect(entriesOf(journal)).toMatchObject([look]);
  expect(synced).not.toHaveBeenCalled();
  await journal.write(intent('m1'));
  expect(synced).toHaveBeenCalledOnce();
  await journal.write(done('m1'));
  expect(synced).toHaveBeenCalledOnce();
  await journal.close();
  synced.mockRestore();
});

test('only its owner may read it', async () => {
  const journal = journalAt('private');
  await journal.write(intent('m1'));
  await journal.close();
  expect(statSync(journal.path).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'private')).mode & 0o777).toBe(0o700);
});

test('without an entry there is no file', async () => {
  const journal = journalAt('none');
  await journal.close();
  expect(() => statSync(journal.path)).toThrow('ENOENT');
});

test('a disk that takes no entry is an error of the one who writes', async () => {
  const journal = new FileJournal('/dev/null/run.jsonl', () => new Date(NOW));
  await expect(journal.write(intent('m1'))).rejects.toThrow('/dev/null');
  await expect(journal.write(intent('m2'))).rejects.toThrow('/dev/null');
  await journal.close().catch(() => undefined);
});

test.skipIf(!existsSync('/dev/full'))('a full disk is told of with each entry', async () => {
  const journal = new FileJournal('/dev/full', () => new Date(NOW));
  await expect(journal.write(intent('m1'))).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(journal.write(done('m1'))).rejects.toMatchObject({ code: 'ENOSPC' });
  await journal.close();
});
