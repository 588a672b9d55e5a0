import { appendFileSync, closeSync, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Event } from '../core/events/event.ts';
import type { Journal, JournalEntry } from '../core/journal.ts';
import { JOURNAL_VERSION, journalLine } from './journal-line.ts';

/** Entries that need not be on the disk before the run continues, because nothing on a host depends on them. */
const UNSYNCED = new Set<JournalEntry['type']>(['look', 'event']);

/** Events that are not recorded: they only report waiting. */
const TRANSIENT: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'host-connecting',
  'host-observing',
  'host-waiting',
  'task-progress',
]);

/**
 * A journal as an append-only file of JSON lines, readable only by its owner. It never decides what is to be done on a host: hosts are
 * observed.
 */
export class FileJournal implements Journal {
  readonly path: string;
  readonly #clock: () => Date;
  #file: Promise<FileHandle> | undefined;
  /** The descriptor of the open file, for writes that do not wait. */
  #descriptor: number | undefined;
  #sequence = 0;
  /** The last requested sync. */
  #synced: Promise<void> = Promise.resolve();
  /** A sync that has not started yet: it will cover everything written until then. */
  #next: Promise<void> | undefined;
  /** The last line may be incomplete: the next entry starts a new line. */
  #isCut = false;
  #failure: unknown;
  #hasEnded = false;

  /** @param path in an existing directory; created with the first entry. */
  constructor(path: string, clock: () => Date) {
    this.path = path;
    this.#clock = clock;
  }

  /** Why the first missing entry could not be written; undefined if none is missing. */
  get failure(): unknown {
    return this.#failure;
  }

  /** @throws {Error} of the file system. Hosts that start a task together share one sync. */
  async write(entry: JournalEntry): Promise<void> {
    if (entry.type === 'end') this.#hasEnded = true;
    try {
      this.#file ??= this.#open();
      const file = await this.#file;
      this.#append(file.fd, entry);
      if (!UNSYNCED.has(entry.type)) await this.#sync(file);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  /** Records an event, unless the end of the run has been written. It reaches the disk with the next entry. Never throws: see `failure`. */
  note(event: Event): void {
    if (this.#descriptor === undefined || this.#hasEnded || TRANSIENT.has(event.type)) return;
    try {
      this.#append(this.#descriptor, { type: 'event', event });
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** Whether its file has been removed since it was begun: everything is written, and nobody can read it. */
  async isRemoved(): Promise<boolean> {
    const file = await this.#file;
    return file !== undefined && (await file.stat()).nlink === 0;
  }

  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    await this.#synced.catch(() => undefined);
    this.#descriptor = undefined;
    await file?.close();
  }

  /** A failed entry uses up its number too, so that readers see the gap. */
  #append(descriptor: number, entry: JournalEntry): void {
    this.#sequence += 1;
    const line = journalLine({ version: JOURNAL_VERSION, sequence: this.#sequence, time: this.#clock(), entry });
    // Synchronous: writing to the system's cache is cheaper than handing the work to another thread.
    const text = this.#isCut ? `\n${line}\n` : `${line}\n`;
    this.#isCut = true;
    appendFileSync(descriptor, text);
    this.#isCut = false;
  }

  #sync(file: FileHandle): Promise<void> {
    // After one that has failed the next is tried all the same.
    const last = this.#synced.catch(() => undefined);
    this.#next ??= last.then(() => {
      this.#next = undefined;
      return file.datasync();
    });
    this.#synced = this.#next;
    return this.#next;
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.path, 'a', 0o600);
    syncDirectory(dirname(this.path));
    this.#descriptor = file.fd;
    return file;
  }
}

/** Makes a new file's name survive a crash, too. Not every file system supports it. */
export function syncDirectory(path: string): void {
  try {
    const directory = openSync(path, 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  } catch {
    // What cannot be written is found out by the entries themselves.
  }
}
