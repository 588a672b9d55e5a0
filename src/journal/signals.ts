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
import { isJsonObject } from '../core/json.ts';
import { readSignal, type Signal } from '../core/signal.ts';
import { isMissing, systemErrorCode } from '../core/system-error.ts';
import { JOURNAL_VERSION, journalLine, parseJournalLine } from './journal-line.ts';

/** The append-only file beside the journal with the signals of operators. */
export const SIGNALS = 'signals.ndjson';

/** The file of signals was not created by `addSignal`, but by somebody else. The message is a sentence for people. */
export class StrangeSignals extends Error {
  override readonly name = 'StrangeSignals';
}

/** Follows no link and does not block on a pipe that somebody may have put there. */
const NO_LINK_NO_BLOCK = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * A signal from root has to belong to the user of the run, who must read it. That user may have put anything in its place, so only a newly
 * created file is given away, and an existing one is only written to if it belongs to that user and has no other name.
 * @param directory the run's. @throws {StrangeSignals} for any other file, {Error} of the file system. The signal is on the disk when
 * this returns.
 */
export function addSignal(directory: string, signal: Signal, time: Date): void {
  const path = join(directory, SIGNALS);
  const directoryStats = lstatSync(directory);
  if (!directoryStats.isDirectory()) throw new StrangeSignals(`${directory} is not a directory`);
  const file = createFile(path, directoryStats) ?? openExisting(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    const { uid, nlink } = fstatSync(file);
    if (uid !== directoryStats.uid || nlink !== 1)
      throw new StrangeSignals(`${path} is not a file that only the user of the run owns`);
    const entry = { type: 'signal', signal } as const;
    // Starts a new line, so that an earlier incomplete one affects only itself.
    // If there is room only for a part, that is an error.
    appendFileSync(file, `\n${journalLine({ version: JOURNAL_VERSION, sequence: 0, time, entry })}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Creates the file and gives it to the user of the run. @returns undefined when it exists already */
function createFile(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): number | undefined {
  let file: number;
  try {
    const { O_CREAT, O_EXCL, O_WRONLY, O_APPEND } = constants;
    file = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_APPEND | NO_LINK_NO_BLOCK, 0o600);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return undefined;
    throw error;
  }
  try {
    if (fstatSync(file).uid !== uid) fchownSync(file, uid, gid);
    return file;
  } catch (error) {
    closeSync(file);
    // Without a new owner the user could not read it, and it would be in the way.
    rmSync(path, { force: true });
    throw error;
  }
}

/** @throws {StrangeSignals} for anything but a regular file, {Error} of the file system. */
function openExisting(path: string, flags: number): number {
  const foreign = new StrangeSignals(`${path} is not a regular file`);
  let file: number;
  try {
    file = openSync(path, flags | NO_LINK_NO_BLOCK);
  } catch (error) {
    // A link, or a pipe without a reader.
    throw ['ELOOP', 'ENXIO'].includes(systemErrorCode(error) ?? '') ? foreign : error;
  }
  const stats = fstatSync(file);
  // Reading a directory fails anyway.
  if (stats.isFile() || stats.isDirectory()) return file;
  closeSync(file);
  throw foreign;
}

/** The signals of a run in order; incomplete lines are skipped. @throws {Error} as `addSignal` does. */
export function signalsIn(directory: string): readonly Signal[] {
  let file: number;
  try {
    file = openExisting(join(directory, SIGNALS), constants.O_RDONLY);
  } catch (error) {
    if (isMissing(error)) return [];
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
    return isJsonObject(entry) && entry['type'] === 'signal' ? (readSignal(entry['signal']) ?? []) : [];
  });
}
