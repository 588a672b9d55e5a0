import { randomBytes } from 'node:crypto';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';

/** Everything that the process gives a command. Made once, by the entry; below it nothing reads the process. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly user: string;
  readonly uid: number | undefined;
  readonly home: string;
  readonly clock: () => Date;
}

export function processEnvironment(): Environment {
  return {
    variables: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    user: userInfo().username,
    ...(process.getuid ? { uid: process.getuid() } : { uid: undefined }),
    home: homedir(),
    clock: () => new Date(),
  };
}

/** The reader has gone: a pipe that is closed, a terminal that was hung up. */
const READER_GONE: readonly unknown[] = ['EPIPE', 'EIO'];

/** A reader that goes (`| head`) is no reason to leave hosts half-way: what it would have been told is dropped. */
export function outliveReaders(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_GONE.includes(error.code)) throw error;
  });
}

/** `20261124T151244Z-3f9c`: sorts by time; two runs of one second are told apart. Names backups and journals. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(2).toString('hex')}`;
}

/** Who holds the locks of this run: what another run says when it meets them. */
export function holderText({ user, clock }: Environment, runId: string): string {
  return `${user}@${hostname()}, pid ${process.pid}, since ${clock().toISOString().slice(0, 19)}Z (run ${runId})`;
}

/**
 * Whether the run that calls itself so has ended: it was one of this machine, and its process is gone. A process of kplay has
 * one run after another, so one with the pid of this process has ended as well. Not known, and false, of other machines.
 */
export function hasEnded(holder: string, ours: string): boolean {
  const [, machine, pid] = /.*@([^@]*), pid (\d+), since /.exec(holder) ?? [];
  if (holder === ours || machine !== hostname() || pid === undefined) return false;
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Where journals are kept (XDG base directories). */
export function journalPath({ variables, home }: Environment, runId: string): string {
  const state = variables['XDG_STATE_HOME'] || join(home, '.local', 'state');
  return join(state, 'kplay', 'runs', runId, 'journal.ndjson');
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
