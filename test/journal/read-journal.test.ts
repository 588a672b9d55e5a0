import { describe, expect, it } from 'vitest';
import { stateText } from '../../src/core/host-state.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import type { Json } from '../../src/core/json.ts';
import { JOURNAL_VERSION, type JournalRecord, journalLine } from '../../src/journal/journal-line.ts';
import { readJournal } from '../../src/journal/read-journal.ts';
import { fc } from '../support/random-cases.ts';

const text = fc.string({ unit: 'binary' });

const entry: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.record({
    type: fc.constant('intent' as const),
    host: text,
    task: text,
    changes: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json),
  }),
  fc.record({ type: fc.constant('done' as const), host: text, task: text, stage: text }),
  fc.record({ type: fc.constant('failed' as const), host: text, task: text, reason: text }),
  fc.record({ type: fc.constant('end' as const), exitCode: fc.nat(130) }),
);

/** A journal as a run writes it; its clock does what it likes. */
const journal = fc
  .array(fc.record({ entry, time: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }) }), {
    maxLength: 12,
  })
  .map((entries) =>
    entries.map(
      (one, index): JournalRecord => ({
        version: JOURNAL_VERSION,
        sequence: index + 1,
        ...one,
      }),
    ),
  );

function bytesOf(records: readonly JournalRecord[]): Buffer {
  return Buffer.from(records.map((record) => `${journalLine(record)}\n`).join(''));
}

/** How many records there are in so many bytes; one whose newline alone is missing is whole. */
function wholeIn(records: readonly JournalRecord[], length: number): number {
  let end = 0;
  return records.filter((record) => {
    end += Buffer.byteLength(journalLine(record)) + 1;
    return end - 1 <= length;
  }).length;
}

describe('a journal', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(journal, (records) => {
        expect(readJournal(bytesOf(records))).toEqual({ records, damage: [], isNewer: false });
      }),
    );
  });

  it('that is cut anywhere gives all that was whole, and says of the rest that it is torn', () => {
    fc.assert(
      fc.property(journal, fc.double({ min: 0, max: 1, noNaN: true }), (records, part) => {
        const bytes = bytesOf(records);
        const length = Math.floor(bytes.length * part);
        const { records: read, damage } = readJournal(bytes.subarray(0, length));
        const whole = wholeIn(records, length);
        expect(read).toEqual(records.slice(0, whole));
        const wholeLength = bytesOf(records.slice(0, whole)).length;
        expect(damage).toEqual(length > wholeLength ? ['the last line is incomplete'] : []);
      }),
    );
  });

  it('with a flipped bit anywhere loses no more than what stands there, and says so', () => {
    fc.assert(
      fc.property(journal, fc.nat(), fc.nat(7), (records, place, bit) => {
        const bytes = bytesOf(records);
        if (bytes.length === 0) return;
        const at = place % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        const { records: read, damage } = readJournal(bytes);
        for (const record of read) expect(records).toContainEqual(record);
        // The end of a line that is no end any more takes the next line along.
        const isBetween = bytesOf(records).readUInt8(at) === 10;
        expect(read.length).toBeGreaterThanOrEqual(records.length - (isBetween ? 2 : 1));
        if (!(isBetween && at === bytes.length - 1)) expect(damage).not.toEqual([]);
        expect(read.map(({ sequence }) => sequence)).toEqual(
          read.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
        );
      }),
    );
  });

  const written = (...hosts: readonly string[]): JournalRecord[] =>
    hosts.map((host, index) => ({
      version: JOURNAL_VERSION,
      sequence: index + 1,
      time: new Date(0),
      entry: { type: 'done', host, task: 'Renew' },
    }));

  it('says in few words that many lines in a row are not', () => {
    const lines = written('m1', 'm2', 'm3', 'm4', 'm5', 'm6').map(journalLine);
    const changed = lines.map((line, index) => ([1, 3, 4].includes(index) ? line.slice(1) : line)).join('\n');
    expect(readJournal(Buffer.from(`${changed}\n`)).damage).toContain('lines 2, 4 to 5: not as written');
  });

  it('says which lines are not as they were written, and which entries are missing', () => {
    const lines = written('m1', 'm2', 'm3', 'm4', 'm5').map(journalLine);
    const changed = [lines[0], lines[1]?.replace('m2', 'm9'), lines[2], '', lines[4]?.slice(0, 30)].join('\n');
    const { records, damage } = readJournal(Buffer.from(changed));
    expect(records.map(({ sequence }) => sequence)).toEqual([1, 3]);
    expect(damage).toEqual(['line 2: not as written', 'entry 2 is missing', 'the last line is incomplete']);
  });

  it('of a newer version is read as far as it is understood', () => {
    const [first, second] = written('m1', 'm2') as [JournalRecord, JournalRecord];
    const newer = { ...second, version: 7, entry: { type: 'weather', sky: 'blue' } as unknown as JournalEntry };
    expect(readJournal(bytesOf([first, newer]))).toEqual({ records: [first, newer], damage: [], isNewer: true });
  });

  it('may be empty', () => {
    expect(readJournal(Buffer.alloc(0))).toEqual({ records: [], damage: [], isNewer: false });
  });
});

describe('what older versions of kplay have written', () => {
  it('is not called damaged where lines had no checksum, and is told of', () => {
    const line = (type: string) => `{"time":"2026-11-25T11:34:21.971Z","type":"${type}","exitCode":0}\n`;
    const { records, damage, isOlder } = readJournal(Buffer.from(line('start') + line('end')));
    expect({ records, isOlder }).toEqual({ records: [], isOlder: true });
    expect(damage).toEqual([
      'lines 1 to 2: as an older kplay wrote them, which this version does not read; each is JSON',
    ]);
  });

  it('has the names of now where they have changed since: a host that was rolled back was restored', () => {
    const recap = { host: 'm1', ok: 1, changed: 1, failed: 1, state: 'partly changed: stopped at a task' };
    const entry = { type: 'event', event: { type: 'run-finished', hosts: [{ ...recap, rolledBack: 1 }] } };
    const record = {
      version: JOURNAL_VERSION,
      sequence: 1,
      time: new Date(0),
      entry: entry as unknown as JournalEntry,
    };
    const [read] = readJournal(bytesOf([record])).records;
    expect(read?.entry).toEqual({ type: 'event', event: { type: 'run-finished', hosts: [{ ...recap, restored: 1 }] } });
    expect(stateText(recap as unknown as Parameters<typeof stateText>[0])).toBe(recap.state);
  });

  it('tells of an undo that was cut short after its first step that another was to come', () => {
    const remaining = ['certs.restore', 'control_plane.restart'].map((step, index) => {
      const entry = { type: 'undo', host: 'm1', step, succeeded: true, message: 'done' } as unknown as JournalEntry;
      const record = { version: JOURNAL_VERSION, sequence: index + 1, time: new Date(0), entry };
      const [read] = readJournal(bytesOf([record])).records;
      return read?.entry.type === 'undo' ? read.entry.remaining : undefined;
    });
    expect(remaining).toEqual([['control_plane.restart'], []]);
  });
});
