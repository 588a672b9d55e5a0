import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isMissing } from '../core/system-error.ts';
import { type JournalRecord, parseJournalLine } from './journal-line.ts';

const NEWLINE = 10;

/** Reads a journal that is still being written. */
export class JournalTail {
  readonly #path: string;
  #offset = 0;
  /** The beginning of a line whose end has not been written yet. */
  #begun: Buffer = Buffer.alloc(0);

  /** @param path may not exist yet. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The entries written since the last call, each as soon as its line is complete. Damaged lines are skipped.
   * @throws {Error} of the file system, unless there is no file.
   */
  next(): readonly JournalRecord[] {
    const bytes = Buffer.concat([this.#begun, this.#appended()]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.#begun = bytes.subarray(end);
    const lines = bytes.toString('utf8', 0, end).split('\n');
    return lines.flatMap((line) => parseJournalLine(line) ?? []);
  }

  #appended(): Buffer {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch (error) {
      if (isMissing(error)) return Buffer.alloc(0);
      throw error;
    }
    try {
      const buffer = Buffer.alloc(Math.max(fstatSync(file).size - this.#offset, 0));
      const length = readSync(file, buffer, 0, buffer.length, this.#offset);
      this.#offset += length;
      return buffer.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }
}
