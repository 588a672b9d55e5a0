import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { StartEntry } from '../core/journal.ts';
import { systemErrorCode } from '../core/system-error.ts';
import type { StateOptions } from './options/options.ts';
import { stateDirectory } from './user-directories.ts';

/** Everything that commands get from the process. Made once, by the entry point; nothing below it reads the process. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly user: string;
  readonly uid: number | undefined;
  readonly home: string;
  /** The working directory, as `.`, so that paths below it are shown as the user would type them. */
  readonly directory: string;
  /** `/etc` */
  readonly systemDirectory: string;
  readonly clock: () => Date;
  /** Wall-clock time, for windows: it follows a machine that slept or whose clock was set. */
  readonly wallClock: () => Date;
}

export function processEnvironment(): Environment {
  const uid = process.getuid?.();
  return {
    variables: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    user: orElse(() => userInfo().username, process.env['USER'] || process.env['LOGNAME'] || String(uid)),
    uid,
    // HOME may be set and empty.
    home: orElse(() => homedir() || userInfo().homedir, '/'),
    directory: '.',
    systemDirectory: '/etc',
    // Monotonic since the start of the process, whatever happens to the machine's clock: waits and ages are measured with it.
    clock: () => new Date(performance.timeOrigin + performance.now()),
    wallClock: () => new Date(),
  };
}

/** A user unknown to the machine, as in containers, has neither name nor home. */
function orElse(ask: () => string, otherwise: string): string {
  try {
    return ask();
  } catch {
    return otherwise;
  }
}

/** A reader that has exited (`| head`) is no error. */
const READER_GONE: readonly unknown[] = ['EPIPE', 'EIO'];

/**
 * Keeps a failing output stream from ending the run half-way: output is dropped and the run continues.
 * @returns a getter for the first error of the stream, other than that its reader has exited.
 */
export function surviveOutputErrors(stream: NodeJS.WriteStream): () => NodeJS.ErrnoException | undefined {
  let first: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_GONE.includes(error.code)) first ??= error;
  });
  return () => first;
}

/** `20261124T151244Z-3f9c`: sorts by time, with random digits for runs of the same second. Names backups and journals. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(2).toString('hex')}`;
}

/** Names of the active holders in this process: a worker runs several at once. */
const activeHolders = new Set<string>();

/** The holder of a run's locks, as shown to other runs that meet them, until it is released. */
export interface Holder {
  readonly name: string;
  release(): void;
}

/** Registers the holder for a run that starts. @param runId as `newRunId` makes it */
export function registerHolder({ user, clock }: Environment, runId: string): Holder {
  const name = `${user}@${hostname()}, pid ${process.pid}, since ${clock().toISOString().slice(0, 19)}Z (run ${runId})`;
  activeHolders.add(name);
  return { name, release: () => activeHolders.delete(name) };
}

/**
 * Whether the run with this holder name has ended: it ran on this machine and its process has exited, or it ran in this process and was
 * released. False for other machines, where it is not known.
 */
export function hasEnded(holder: string, ours: string): boolean {
  return holder !== ours && isHolderAlive(holder) === false;
}

/** Whether the process of the run with this holder name is still alive; undefined for other machines. */
export function isHolderAlive(holder: string): boolean | undefined {
  const [, machine, pid] = /.*@([^@]*), pid (\d+), since /.exec(holder) ?? [];
  if (machine !== hostname() || pid === undefined) return undefined;
  return Number(pid) === process.pid ? activeHolders.has(holder) : isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

/** The directory of all runs: below that of `--state`, or the user's state directory. */
export function runsDirectory(environment: Environment, { state }: StateOptions): string {
  return join(resolve(state ?? stateDirectory(environment)), 'runs');
}

/** The user, machine and process, for the journal. */
export function runner({ user }: Environment): Pick<StartEntry, 'user' | 'machine' | 'pid' | 'processStart'> {
  const processStart = startOf(process.pid);
  return { user, machine: hostname(), pid: process.pid, ...(processStart !== undefined && { processStart }) };
}

/** Whether the process of a run is still alive; undefined for other machines. */
export function isRunnerAlive({ machine, pid, processStart }: StartEntry): boolean | undefined {
  if (machine !== hostname()) return undefined;
  return isRunning(pid) && (processStart === undefined || startOf(pid) === processStart);
}

/** The start time of a process as Linux counts it, with the boot that it counts from: proc(5), field 22 of stat. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[19] === undefined ? undefined : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Waits, unless it is aborted. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
    return undefined;
  });
}

export function isCi({ variables }: Environment): boolean {
  return (variables['CI'] ?? '') !== '' && variables['CI'] !== 'false';
}
