import { appendFileSync, mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Journal, JournalEntry } from '../core/journal.ts';

/** Entries that announce or end a change are on the disk before the run goes on; the others go with the next of them. */
const SYNCED = new Set<JournalEntry['type']>(['start', 'run', 'intent', 'failed', 'undo', 'end']);

/**
 * A journal as a file of JSON lines, one entry each with its time; readable by its owner alone. Never read back by a run: the
 * hosts are looked at instead.
 */
export class FileJournal implements Journal {
  readonly path: string;
  readonly #clock: () => Date;
  #file: Promise<FileHandle> | undefined;
  /** The last sync that was asked for. */
  #synced: Promise<void> = Promise.resolve();
  /** A sync that has not begun: it will cover what is written until then. */
  #next: Promise<void> | undefined;
  /** The last line may be half: what comes next begins a new one. */
  #isCut = false;

  /** @param path made, with its directories, when the first entry is written. */
  constructor(path: string, clock: () => Date) {
    this.path = path;
    this.#clock = clock;
  }

  /** @throws {Error} of the file system. Hosts that begin a task side by side share one sync. */
  async write(entry: JournalEntry): Promise<void> {
    const line = `${JSON.stringify({ time: this.#clock().toISOString(), ...entry })}\n`;
    this.#file ??= this.#open();
    const file = await this.#file;
    // Into the system's cache only, which takes less than handing it to another thread.
    const text = this.#isCut ? `\n${line}` : line;
    this.#isCut = true;
    appendFileSync(file.fd, text);
    this.#isCut = false;
    if (SYNCED.has(entry.type)) await this.#sync(file);
  }

  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    await this.#synced.catch(() => undefined);
    await file?.close();
  }

  #sync(file: FileHandle): Promise<void> {
    this.#next ??= this.#synced.then(() => {
      this.#next = undefined;
      return file.datasync();
    });
    this.#synced = this.#next;
    return this.#next;
  }

  async #open(): Promise<FileHandle> {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    return open(this.path, 'a', 0o600);
  }
}
