import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const UNFINISHED = /\.new-[0-9a-f]{12}$/;

/** Nothing is written for that long. */
const ABANDONED_MS = 3_600_000;

/**
 * The name of a file in a cache until it is complete. Not made of the process id: in a container it is the same each time, and a killed
 * process leaves its file.
 */
export function unfinishedName(file: string): string {
  return `${file}.new-${randomBytes(6).toString('hex')}`;
}

/** Removes what killed processes have left in a directory. @param now milliseconds since the epoch @throws {Error} of the file system */
export function removeAbandoned(directory: string, now: number): void {
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    const written = UNFINISHED.test(name) ? statSync(file, { throwIfNoEntry: false })?.mtimeMs : undefined;
    if (written !== undefined && now - written > ABANDONED_MS) rmSync(file, { force: true });
  }
}
