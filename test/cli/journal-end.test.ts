import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { endJournal } from '../../src/cli/run/run-journal.ts';
import type { Event } from '../../src/core/events/event.ts';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { readJournal } from '../../src/journal/read-journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'kplay-journal-end-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A journal on a disk that was full for a while. */
class GappedJournal extends FileJournal {
  override get failure(): unknown {
    return new Error('no room');
  }
}

test.each([
  [FileJournal, { type: 'end', exitCode: 2 }, []],
  [GappedJournal, { type: 'end', exitCode: 2, incomplete: true }, ['is incomplete']],
] as const)('the end of a journal says whether entries before it are missing: %o', async (Kind, end, told) => {
  const journal = new Kind(join(directory, Kind.name), () => new Date());
  const events: Event[] = [];
  await endJournal(journal, 2, (event) => void events.push(event));
  await journal.close();
  expect(readJournal(readFileSync(journal.path)).records.map(({ entry }) => entry)).toEqual([end]);
  expect(events).toEqual(told.map((what) => expect.objectContaining({ message: expect.stringContaining(what) })));
});
