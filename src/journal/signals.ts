import {
  appendFileSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Signal } from '../core/signal.ts';
import { JOURNAL_VERSION, journalLine, parseJournalLine } from './journal-line.ts';

/** The file, beside the journal, with what operators have said to a run. Lines are only ever added. */
export const SIGNALS = 'signals.ndjson';

/** The file of signals is not one that `addSignal` has made: somebody else has put it there. The message is a sentence for people. */
export class StrangeSignals extends Error {
  override readonly name = 'StrangeSignals';
}

/** Opens neither through a link nor into a pipe, which somebody may have put there. */
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * What an administrator says belongs to the user of the run, who has to read it. That user may have put anything in its place: only a
 * file that was made here is given away, and nothing is written but to a file of theirs that has no other name.
 * @param directory the run's. @throws {StrangeSignals} of what is no such file, {Error} of the file system. It is on the disk when this returns.
 */
export function addSignal(directory: string, signal: Signal, time: Date): void {
  const path = join(directory, SIGNALS);
  const of = lstatSync(directory);
  if (!of.isDirectory()) throw new StrangeSignals(`${directory} is not a directory`);
  const file = made(path, of) ?? opened(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    const { uid, nlink } = fstatSync(file);
    if (uid !== of.uid || nlink !== 1)
      throw new StrangeSignals(`${path} is not a file that only the user of the run owns`);
    const entry = { type: 'signal', signal } as const;
    // One that was not written to its end before this one costs itself alone.
    // And one for which there is only room in part is an error.
    appendFileSync(file, `\n${journalLine({ version: JOURNAL_VERSION, sequence: 0, time, entry })}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A new file, given to whom it is for. @returns undefined when there is something already */
function made(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): number | undefined {
  let file: number;
  try {
    const { O_CREAT, O_EXCL, O_WRONLY, O_APPEND } = constants;
    file = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_APPEND | SAFELY, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  try {
    if (fstatSync(file).uid !== uid) fchownSync(file, uid, gid);
    return file;
  } catch (error) {
    closeSync(file);
    // Nobody but another user could read it: it would be in the way of others.
    rmSync(path, { force: true });
    throw error;
  }
}

/** @throws {StrangeSignals} of what is no regular file, {Error} of the file system. */
function opened(path: string, flags: number): number {
  const strange = new StrangeSignals(`${path} is not a regular file`);
  let file: number;
  try {
    file = openSync(path, flags | SAFELY);
  } catch (error) {
    // A link, and a pipe that nobody reads.
    throw ['ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '') ? strange : error;
  }
  const stats = fstatSync(file);
  // To read a directory fails by itself.
  if (stats.isFile() || stats.isDirectory()) return file;
  closeSync(file);
  throw strange;
}

/** What was said to a run, in that order; a line that is not whole says nothing. @throws {Error} as `addSignal` does. */
export function signalsIn(directory: string): readonly Signal[] {
  let file: number;
  try {
    file = opened(join(directory, SIGNALS), constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
  return text.split('\n').flatMap((line) => {
    const entry: unknown = parseJournalLine(line)?.entry;
    if (!isJsonObject(entry) || entry['type'] !== 'signal' || !isJsonObject(entry['signal'] ?? null)) return [];
    return signalOf(entry['signal'] as JsonObject) ?? [];
  });
}

function signalOf({ kind, wave, by, at, reason }: JsonObject): Signal | undefined {
  if (typeof by !== 'string') return undefined;
  const why = typeof reason === 'string' && { reason };
  if (kind === 'approve')
    return typeof wave === 'string' ? { kind, wave, by, ...(typeof at === 'string' && { at }), ...why } : undefined;
  if ((kind !== 'pause' && kind !== 'resume' && kind !== 'abort') || typeof at !== 'string') return undefined;
  return { kind, by, at, ...why };
}
