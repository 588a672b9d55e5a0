import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { StartEntry } from '../core/journal.ts';
import type { StateOptions } from './options/options.ts';

/** Everything that the process gives a command. Made once, by the entry; below it nothing reads the process. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly user: string;
  readonly uid: number | undefined;
  readonly home: string;
  /** Where kplay is run: `.`, so that paths below it are shown as the user would type them. */
  readonly directory: string;
  /** `/etc` */
  readonly systemDirectory: string;
  readonly clock: () => Date;
  /** The time of day, as windows are meant by: a machine that slept, or was set right, is followed. */
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
    home: orElse(homedir, '/'),
    directory: '.',
    systemDirectory: '/etc',
    // Runs on from the start of the process whatever happens to the clock of the machine: waits and ages are told by it.
    clock: () => new Date(performance.timeOrigin + performance.now()),
    wallClock: () => new Date(),
  };
}

/** A user that the machine does not know by name, as in containers, has neither name nor home. */
function orElse(ask: () => string, otherwise: string): string {
  try {
    return ask();
  } catch {
    return otherwise;
  }
}

/** A reader that goes (`| head`) wants no more: nobody is told of it. */
const READER_GONE: readonly unknown[] = ['EPIPE', 'EIO'];

/**
 * That what is said cannot be written is no reason to leave hosts half-way: it is dropped, and what is done goes on.
 * @returns what kept it from being written first of all, unless that was its reader.
 */
export function outliveOutput(stream: NodeJS.WriteStream): () => NodeJS.ErrnoException | undefined {
  let first: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_GONE.includes(error.code)) first ??= error;
  });
  return () => first;
}

/** `20261124T151244Z-3f9c`: sorts by time; two runs of one second are told apart. Names backups and journals. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(2).toString('hex')}`;
}

/** What the runs of this process call themselves that go on: a worker has several at once. */
const holding = new Set<string>();

/** Who holds the locks of a run: what another run says when it meets them. It goes on until it lets go. */
export interface Holder {
  readonly name: string;
  letGo(): void;
}

/** A run begins: until it lets go it is there. @param runId as `newRunId` makes it */
export function beginHolding({ user, clock }: Environment, runId: string): Holder {
  const name = `${user}@${hostname()}, pid ${process.pid}, since ${clock().toISOString().slice(0, 19)}Z (run ${runId})`;
  holding.add(name);
  return { name, letGo: () => holding.delete(name) };
}

/**
 * Whether the run that calls itself so has ended: it was one of this machine, and its process is gone, or it was one of this process
 * and has let go. Not known, and false, of other machines.
 */
export function hasEnded(holder: string, ours: string): boolean {
  return holder !== ours && isHolderThere(holder) === false;
}

/** Whether the process of the run that calls itself so is there still; undefined of other machines. */
export function isHolderThere(holder: string): boolean | undefined {
  const [, machine, pid] = /.*@([^@]*), pid (\d+), since /.exec(holder) ?? [];
  if (machine !== hostname() || pid === undefined) return undefined;
  return Number(pid) === process.pid ? holding.has(holder) : isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Where the runs are kept: below the directory of `--state`, or of the user's state (XDG base directories). */
export function runsDirectory({ variables, home }: Environment, { state }: StateOptions): string {
  const above = state ?? join(variables['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'kplay');
  return join(resolve(above), 'runs');
}

/** Who runs this, for its journal. */
export function runner({ user }: Environment): Pick<StartEntry, 'user' | 'machine' | 'pid' | 'processStart'> {
  const processStart = startOf(process.pid);
  return { user, machine: hostname(), pid: process.pid, ...(processStart !== undefined && { processStart }) };
}

/** Whether the process of a run is there still; undefined of other machines. */
export function isRunnerThere({ machine, pid, processStart }: StartEntry): boolean | undefined {
  if (machine !== hostname()) return undefined;
  return isRunning(pid) && (processStart === undefined || startOf(pid) === processStart);
}

/** When a process was started, as Linux counts it, and since which start of the machine: proc(5), field 22 of stat. */
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

/** A wait that an abort ends at once. */
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
