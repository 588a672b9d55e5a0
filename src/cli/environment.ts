import { homedir, userInfo } from 'node:os';

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

/** Whether the process is a job of continuous integration. */
export function isCi({ variables }: Environment): boolean {
  return (variables['CI'] ?? '') !== '' && variables['CI'] !== 'false';
}
