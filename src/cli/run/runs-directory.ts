import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Environment } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import { stateDirectory } from '../user-directories.ts';

/** The directory of all runs: below that of `--state`, or the user's state directory. */
export function runsDirectory(environment: Environment, { state }: StateOptions): string {
  return join(resolve(state ?? stateDirectory(environment)), 'runs');
}

/** `20261124T151244Z-3f9c`: sorts by time, with random digits for runs of the same second. Names backups and journals. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(2).toString('hex')}`;
}
