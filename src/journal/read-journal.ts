import { isOlderLine, JOURNAL_VERSION, type JournalRecord, parseJournalLine } from './journal-line.ts';

/** The records of a journal, and which parts could not be read. */
export interface JournalReading {
  /** Ordered by sequence number. */
  readonly records: readonly JournalRecord[];
  /** Damaged parts, one clause each, for people. */
  readonly damage: readonly string[];
  /** It was written by one of the first versions of kplay: nothing of it can be read. */
  readonly isOlder?: boolean;
  /** Its file could not be read, as where that is not permitted: `damage` says why. */
  readonly isUnread?: boolean;
  /** It was written by a newer version of kplay: unknown parts are skipped. */
  readonly isNewer: boolean;
}

/** Reads as much of a journal as possible. A torn or damaged line is reported and affects no other. */
export function readJournal(bytes: Uint8Array): JournalReading {
  const lines = new TextDecoder().decode(bytes).split('\n');
  const last = lines.length - 1;
  const records: JournalRecord[] = [];
  const damage: string[] = [];
  const damaged: number[] = [];
  const older: number[] = [];
  let isTorn = false;
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const record = parseJournalLine(line);
    if (record) records.push(record);
    else if (isOlderLine(line)) older.push(index + 1);
    else if (index === last) isTorn = true;
    else damaged.push(index + 1);
  }
  records.sort((a, b) => a.sequence - b.sequence);
  if (older.length > 0)
    damage.push(
      `${older.length === 1 ? 'line' : 'lines'} ${inRanges(older)}: as an older kplay wrote them, which this version does not read; each is JSON`,
    );
  if (damaged.length > 0)
    damage.push(`${damaged.length === 1 ? 'line' : 'lines'} ${inRanges(damaged)}: not as written`);
  for (const gap of gaps(records)) damage.push(gap);
  if (isTorn) damage.push(`the last line is incomplete`);
  return {
    records,
    damage,
    ...(older.length > 0 && records.length === 0 && { isOlder: true }),
    isNewer: records.some(({ version }) => version > JOURNAL_VERSION),
  };
}

/** Sorted numbers as ranges: `2, 4 to 9`. */
function inRanges(numbers: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(', ');
}

/** The sequence numbers of missing entries. */
function gaps(records: readonly JournalRecord[]): readonly string[] {
  let expected = 1;
  return records.flatMap(({ sequence }) => {
    const [from, to] = [expected, sequence - 1];
    expected = sequence + 1;
    if (from > to) return [];
    return [from === to ? `entry ${from} is missing` : `entries ${from} to ${to} are missing`];
  });
}
