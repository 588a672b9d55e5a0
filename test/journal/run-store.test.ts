import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { JOURNAL_VERSION, journalLine } from '../../src/journal/journal-line.ts';
import { RunStore } from '../../src/journal/run-store.ts';
import { fc } from '../support/random-cases.ts';
import { startOf } from './support/start.ts';

const base = mkdtempSync(join(tmpdir(), 'kplay-runs-'));
afterAll(() => rmSync(base, { recursive: true }));

let store: RunStore;
let made = 0;
beforeEach(() => {
  made += 1;
  store = new RunStore(join(base, String(made), 'kplay/runs'));
});

const START = startOf('any');

const LINE = { version: JOURNAL_VERSION, sequence: 1, time: new Date(0) };

/** @returns the number of the run */
async function begin(id: string, { isNoted = true } = {}): Promise<number> {
  const number = (store.latest()?.number ?? 0) + 1;
  store.reserve([id]);
  const journal = new FileJournal(store.journalPath(id), () => new Date(0));
  await journal.write({ ...START, number });
  await journal.close();
  if (isNoted) store.noteLatest(id);
  return number;
}

describe('the directory of a run', () => {
  it('is for its owner alone, and has an id of its own', () => {
    expect(store.reserve(['20261124T151244Z-3f9c'])).toBe('20261124T151244Z-3f9c');
    expect(store.reserve(['20261124T151244Z-3f9c', '20261124T151244Z-3f9c.2'])).toBe('20261124T151244Z-3f9c.2');
    for (const id of store.ids()) expect(statSync(join(store.directory, id)).mode & 0o777).toBe(0o700);
    expect(() => store.reserve(['20261124T151244Z-3f9c'])).toThrow('no free id');
  });

  it('may be empty, or hold what is no journal: it is damaged, and no other is', async () => {
    await begin('20261124T151244Z-0001');
    store.reserve(['20261124T151245Z-0002']);
    expect(store.read('20261124T151245Z-0002')).toMatchObject({
      records: [],
      damage: [expect.stringContaining('journal.ndjson cannot be read: there is no such file')],
    });
    store.reserve(['20261124T151246Z-0003']);
    writeFileSync(store.journalPath('20261124T151246Z-0003'), '');
    expect(store.read('20261124T151246Z-0003')).toMatchObject({
      records: [],
      damage: [expect.stringMatching(/journal\.ndjson is empty$/)],
    });
    mkdirSync(join(store.directory, 'lost+found'));
    writeFileSync(join(store.directory, 'README'), '');
    expect(store.ids()).toEqual(['20261124T151244Z-0001', '20261124T151245Z-0002', '20261124T151246Z-0003']);
    expect(store.read('20261124T151244Z-0001').damage).toEqual([]);
  });

  it('is removed with its journal, and kept with what somebody else has put there', async () => {
    await begin('20261124T151244Z-0001');
    await begin('20261124T151245Z-0002');
    writeFileSync(join(store.directory, '20261124T151245Z-0002', 'notes.txt'), 'mine');
    for (const id of store.ids()) store.remove(id);
    store.remove('20261124T151244Z-0001');
    expect(store.ids()).toEqual(['20261124T151245Z-0002']);
    expect(readdirSync(join(store.directory, '20261124T151245Z-0002'))).toEqual(['notes.txt']);
  });
});

describe('runs', () => {
  it('are none where there is not a directory', () => {
    expect([store.ids(), store.ordered(), store.latest()]).toEqual([[], [], undefined]);
  });

  it('are in the order in which they began when the clock has gone back', async () => {
    for (const id of ['20261124T151244Z-0001', '20301124T151244Z-0002', '20261124T151250Z-0003']) await begin(id);
    expect(store.ordered()).toEqual([
      { id: '20261124T151244Z-0001', number: 1, startedAt: new Date(0) },
      { id: '20301124T151244Z-0002', number: 2, startedAt: new Date(0) },
      { id: '20261124T151250Z-0003', number: 3, startedAt: new Date(0) },
    ]);
  });
});

describe('the latest run', () => {
  it('is known from two journals, however many there are', async () => {
    for (const id of ['20261124T151244Z-0001', '20261124T151245Z-0002', '20261124T151246Z-0003']) await begin(id);
    rmSync(join(store.directory, '20261124T151245Z-0002'), { recursive: true });
    writeFileSync(
      store.journalPath('20261124T151244Z-0001'),
      journalLine({ ...LINE, entry: { ...START, number: 99 } }),
    );
    expect(store.latest()).toEqual({ id: '20261124T151246Z-0003', number: 3, startedAt: new Date(0) });
  });

  it('is the last by name when it was not noted', async () => {
    await begin('20261124T151244Z-0001');
    await begin('20261124T151245Z-0002', { isNoted: false });
    expect(store.latest()?.number).toBe(2);
  });

  it.each([
    ['missing', (file: string) => rmSync(file)],
    ['empty', (file: string) => writeFileSync(file, '')],
    ['of another kind', (file: string) => writeFileSync(file, '../../etc/passwd\n')],
    ['of a run that is gone', (file: string) => writeFileSync(file, '20200101T000000Z-0001\n')],
    ['longer than an id', (file: string) => writeFileSync(file, '20260101T000000Z-0001\n'.repeat(2))],
  ])('is found in all journals when the note is %s', async (_what, spoil) => {
    for (const id of ['20261124T151244Z-0001', '20301124T151244Z-0002', '20261124T151250Z-0003']) await begin(id);
    spoil(join(store.directory, '.latest'));
    expect(await begin('20261124T151251Z-0004')).toBe(4);
  });

  it('has a higher number than all before, whatever the clock did', async () => {
    const id = fc.tuple(fc.integer({ min: 2020, max: 2030 }), fc.integer({ min: 0, max: 0xffff }));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { minLength: 1, maxLength: 8, selector: String }), async (ids) => {
        made += 1;
        store = new RunStore(join(base, String(made), 'kplay/runs'));
        const names = ids.map(([year, digits]) => `${year}1124T151244Z-${digits.toString(16).padStart(4, '0')}`);
        for (const [index, name] of names.entries()) expect(await begin(name)).toBe(index + 1);
        expect(store.ordered().map((run) => run.id)).toEqual(names);
      }),
      { numRuns: 30 },
    );
  });
});
