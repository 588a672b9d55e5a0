import { closeSync, openSync } from 'node:fs';
import type { RunFinishedEvent } from '../core/events/run.ts';
import type { StartEntry } from '../core/journal.ts';
import { firstLine, fromEnd } from './file-ends.ts';
import { type JournalRecord, parseJournalLine } from './journal-line.ts';

const NEWLINE = 10;

/**
 * The first entry of the journal of a run that has reported its end, and the two with its results, which are its last. What is between them
 * is not read, however long it is.
 * @returns undefined if these do not tell all that is listed of a run: it has not ended, something is damaged, or entries are missing
 * @throws {Error} of the file system.
 */
export function journalEnds(path: string): readonly JournalRecord[] | undefined {
  const file = openSync(path, 'r');
  try {
    const start = parseJournalLine(firstLine(file));
    if (start?.sequence !== 1 || start.entry.type !== 'start') return undefined;
    const last = fromEnd(file, lastTwo);
    if (!last) return undefined;
    const [finished, end] = last;
    const isComplete = end.sequence === finished.sequence + 1 && finished.sequence > start.sequence;
    return isComplete && areClustersKnown(start.entry, finished.entry.event) ? [start, finished, end] : undefined;
  } finally {
    closeSync(file);
  }
}

type FinishedRecord = JournalRecord & { readonly entry: { readonly event: RunFinishedEvent } };

/** The results, and the end; null if the last lines are something else. */
function lastTwo(tail: Buffer, isWhole: boolean): readonly [FinishedRecord, JournalRecord] | null | undefined {
  const close = tail.length - 1;
  if (tail[close] !== NEWLINE) return null;
  const before = tail.lastIndexOf(NEWLINE, close - 1);
  if (before < 0) return isWhole ? null : undefined;
  const end = parseJournalLine(tail.toString('utf8', before + 1, close));
  if (end?.entry.type !== 'end' || end.entry.incomplete) return null;
  const first = before === 0 ? -1 : tail.lastIndexOf(NEWLINE, before - 1);
  if (first < 0 && !isWhole) return undefined;
  const finished = parseJournalLine(tail.toString('utf8', first + 1, before));
  return finished && isFinished(finished) ? [finished, end] : null;
}

function isFinished(record: JournalRecord): record is FinishedRecord {
  return record.entry.type === 'event' && record.entry.event.type === 'run-finished';
}

/** Whether the start of a run names all of its clusters. Those that kplay has told apart itself are named as they start. */
function areClustersKnown({ clusters }: StartEntry, { hosts }: RunFinishedEvent): boolean {
  return hosts.every(({ cluster }) => {
    return cluster?.kind !== 'found' && (cluster?.kind !== 'declared' || clusters.includes(cluster.name));
  });
}
