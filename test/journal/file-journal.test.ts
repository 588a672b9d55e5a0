import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { readJournal } from '../../src/journal/read-journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'kplay-journal-'));
afterAll(() => rmSync(directory, { recursive: true }));

const NOW = '2026-11-24T15:12:44.000Z';

function journalAt(name: string, clock: () => Date = () => new Date(NOW)): FileJournal {
  mkdirSync(join(directory, name));
  return new FileJournal(join(directory, name, 'run.jsonl'), clock);
}

function intent(host: string): JournalEntry {
  return { type: 'intent', host, task: 'Renew', changes: [] };
}

function done(host: string): JournalEntry {
  return { type: 'done', host, task: 'Renew' };
}

const LOOK: JournalEntry = { type: 'look', host: 'm1', task: 'Look', changes: [] };
const WARNING: Event = { type: 'warning', hosts: ['m1'], message: 'beware' };

function entriesOf({ path }: FileJournal): readonly JournalEntry[] {
  const { records, damage } = readJournal(readFileSync(path));
  expect(damage).toEqual([]);
  return records.map(({ entry }) => entry);
}

test('entries stand in the file, numbered and with their time, when they have been written', async () => {
  const journal = journalAt('one');
  await journal.write(intent('m1'));
  expect(readFileSync(journal.path, 'utf8')).toMatch(
    /^\{"version":1,"sequence":1,"time":"2026-11-24T15:12:44\.000Z","type":"intent","host":"m1",.*,"sum":"[0-9a-f]{16}"\}\n$/,
  );
  await journal.write(done('m1'));
  expect(entriesOf(journal)).toEqual([intent('m1'), done('m1')]);
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
  const entries = entriesOf(journal);
  expect(entries).toHaveLength(100);
  for (const host of hosts) {
    const own = entries.filter((entry) => 'host' in entry && entry.host === host);
    expect(own).toEqual([intent(host), done(host)]);
  }
});

test('what is done is on the disk before and after it; a look and what is told go there with the next entry', async () => {
  const file = await open(join(directory, 'any'), 'w');
  const synced = vi.spyOn(Object.getPrototypeOf(file), 'datasync');
  await file.close();
  const journal = journalAt('synced');
  await journal.write(LOOK);
  journal.note(WARNING);
  expect(entriesOf(journal)).toEqual([LOOK, { type: 'event', event: WARNING }]);
  expect(synced).not.toHaveBeenCalled();
  await journal.write(intent('m1'));
  expect(synced).toHaveBeenCalledTimes(1);
  await journal.write(done('m1'));
  expect(synced).toHaveBeenCalledTimes(2);
  await journal.close();
  synced.mockRestore();
});

test('a sync that has failed is told once, and the next entry is synced again', async () => {
  const file = await open(join(directory, 'failing'), 'w');
  const synced = vi.spyOn(Object.getPrototypeOf(file), 'datasync');
  await file.close();
  const journal = journalAt('unsynced');
  synced.mockRejectedValueOnce(new Error('EIO'));
  await expect(journal.write(intent('m1'))).rejects.toThrow('EIO');
  await journal.write(done('m1'));
  await Promise.all([journal.write(intent('m2')), journal.write(intent('m3'))]);
  expect(synced.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(journal.failure).toEqual(new Error('EIO'));
  await journal.close();
  expect(entriesOf(journal)).toEqual([intent('m1'), done('m1'), intent('m2'), intent('m3')]);
  synced.mockRestore();
});

test('what passes is not noted, nor is what is told after the end', async () => {
  const journal = journalAt('passing');
  journal.note(WARNING);
  await journal.write(intent('m1'));
  journal.note({ type: 'host-waiting', host: 'm1', message: 'busy', elapsedMs: 1, limitMs: 2 });
  const end: JournalEntry = { type: 'end', exitCode: 0 };
  await journal.write(end);
  journal.note(WARNING);
  await journal.close();
  expect(entriesOf(journal)).toEqual([intent('m1'), end]);
});

test('entries are in the order in which they were written when the clock goes back', async () => {
  const times = ['15:00', '14:00', '13:00'].map((time) => new Date(`2026-11-24T${time}:00Z`));
  const journal = journalAt('clock', () => times.shift() ?? new Date(NOW));
  for (const host of ['m1', 'm2', 'm3']) await journal.write(intent(host));
  await journal.close();
  expect(entriesOf(journal)).toEqual(['m1', 'm2', 'm3'].map(intent));
});

test('only its owner may read it', async () => {
  const journal = journalAt('private');
  await journal.write(intent('m1'));
  await journal.close();
  expect(statSync(journal.path).mode & 0o777).toBe(0o600);
});

test('without an entry there is no file', async () => {
  const journal = journalAt('none');
  journal.note(WARNING);
  await journal.close();
  expect(() => statSync(journal.path)).toThrow('ENOENT');
});

test('a disk that takes no entry is an error of the one who writes', async () => {
  const journal = new FileJournal('/dev/null/run.jsonl', () => new Date(NOW));
  await expect(journal.write(intent('m1'))).rejects.toThrow('/dev/null');
  await expect(journal.write(intent('m2'))).rejects.toThrow('/dev/null');
  expect(journal.failure).toMatchObject({ code: 'ENOTDIR' });
  await journal.close().catch(() => undefined);
});

test.skipIf(!existsSync('/dev/full'))(
  'a full disk is told of with each entry, and remembered of what is told',
  async () => {
    const journal = new FileJournal('/dev/full', () => new Date(NOW));
    await expect(journal.write(intent('m1'))).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(journal.write(done('m1'))).rejects.toMatchObject({ code: 'ENOSPC' });
    journal.note(WARNING);
    expect(journal.failure).toMatchObject({ code: 'ENOSPC' });
    await journal.close();
  },
);
