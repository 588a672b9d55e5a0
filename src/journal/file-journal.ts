import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Journal, JournalEntry } from '../core/journal.ts';

/** Entries that announce or end a change are on the disk before the run goes on; the others go with the next of them. */
const SYNCED = new Set<JournalEntry['type']>(['run', 'intent', 'failed', 'undo', 'end']);

/**
 * A journal as a file of JSON lines, one entry each with its time; readable by its owner alone. Never read back by a run: the
 * hosts are looked at instead.
 */
export class FileJournal implements Journal {
  readonly path: string;
  readonly #clock: () => Date;
  #file: FileHandle | undefined;
  #queue: Promise<void> = Promise.resolve();

  /** @param path made, with its directories, when the first entry is written. */
  constructor(path: string, clock: () => Date) {
    this.path = path;
    this.#clock = clock;
  }

  write(entry: JournalEntry): Promise<void> {
    const line = `${JSON.stringify({ time: this.#clock().toISOString(), ...entry })}\n`;
    this.#queue = this.#queue.then(() => this.#append(line, SYNCED.has(entry.type)));
    return this.#queue;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#file?.close();
  }

  async #append(line: string, sync: boolean): Promise<void> {
    const file = this.#file ?? (await this.#open());
    await file.appendFile(line);
    if (sync) await file.datasync();
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    this.#file = await open(this.path, 'a', 0o600);
    return this.#file;
  }
}
