import { appendFileSync, closeSync, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Event } from '../core/events/event.ts';
import type { Journal, JournalEntry } from '../core/journal.ts';
import { JOURNAL_VERSION, journalLine } from './journal-line.ts';

/** Entries that the run does not wait for: nothing on a host depends on them. All others are on the disk before it goes on. */
const UNSYNCED = new Set<JournalEntry['type']>(['look', 'event']);

/** Events that are not recorded: they only say what is being waited for. */
const PASSING: ReadonlySet<Event['type']> = new Set<Event['type']>(['task-progress', 'host-waiting']);

/**
 * A journal as a file of JSON lines, readable by its owner alone, to which lines are only ever added. What is to be done on a
 * host is never read from it: hosts are looked at.
 */
export class FileJournal implements Journal {
  readonly path: string;
  readonly #clock: () => Date;
  #file: Promise<FileHandle> | undefined;
  /** The descriptor of the open file, for writes that do not wait. */
  #descriptor: number | undefined;
  #sequence = 0;
  /** The last sync that was asked for. */
  #synced: Promise<void> = Promise.resolve();
  /** A sync that has not begun yet: it will cover everything that is written until it does. */
  #next: Promise<void> | undefined;
  /** The last line may have been written in part only: the next entry begins a new line. */
  #isCut = false;
  #failure: unknown;
  #hasEnded = false;

  /** @param path in a directory that is there; made when the first entry is written. */
  constructor(path: string, clock: () => Date) {
    this.path = path;
    this.#clock = clock;
  }

  /** Why the first entry that is missing could not be written; undefined when none is. */
  get failure(): unknown {
    return this.#failure;
  }

  /** @throws {Error} of the file system. Hosts that begin a task side by side share one sync. */
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

  /** Records an event, unless the end of the run has been written. It reaches the disk with the next entry. Throws nothing: see `failure`. */
  note(event: Event): void {
    if (this.#descriptor === undefined || this.#hasEnded || PASSING.has(event.type)) return;
    try {
      this.#append(this.#descriptor, { type: 'event', event });
    } catch (error) {
      this.#failure ??= error;
    }
  }

  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    await this.#synced.catch(() => undefined);
    this.#descriptor = undefined;
    await file?.close();
  }

  /** An entry that cannot be written uses up its number all the same, so that a reader sees the gap. */
  #append(descriptor: number, entry: JournalEntry): void {
    this.#sequence += 1;
    const line = journalLine({ version: JOURNAL_VERSION, sequence: this.#sequence, time: this.#clock(), entry });
    // Synchronous: it only reaches the system's cache, which costs less than handing it to another thread.
    const text = this.#isCut ? `\n${line}\n` : `${line}\n`;
    this.#isCut = true;
    appendFileSync(descriptor, text);
    this.#isCut = false;
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
    const file = await open(this.path, 'a', 0o600);
    syncDirectory(dirname(this.path));
    this.#descriptor = file.fd;
    return file;
  }
}

/** The name of a new file is to survive a crash as well. Not every file system can promise it. */
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
