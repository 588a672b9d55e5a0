import { homedir, uptime, userInfo } from 'node:os';

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

/** The environment of this process. */
export function processEnvironment(): Environment {
  const uid = process.getuid?.();
  return {
    variables: process.env,
    // Few commands read it, and making it ready takes a millisecond.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    user: orElse(() => userInfo().username, process.env['USER'] || process.env['LOGNAME'] || String(uid)),
    uid,
    // HOME may be set and empty.
    home: orElse(() => homedir() || userInfo().homedir, '/'),
    directory: '.',
    systemDirectory: '/etc',
    clock: steadyClock(),
    wallClock: () => new Date(),
  };
}

/** Below this, what `steadyClock` compares differs only because it is not read at once. */
const SLEEP_MS = 1_000;

/** Milliseconds, each since some moment. */
interface TimeSources {
  /** Also counts the time that the machine has slept. */
  readonly uptime: () => number;
  readonly awake: () => number;
  /** Counts that as well, and is set now and then. */
  readonly wall: () => number;
}

const TIME_SOURCES: TimeSources = {
  // Only there is it certain not to follow the machine's clock.
  uptime: () => (process.platform === 'linux' ? uptime() * 1_000 : sinceBoot()),
  awake: sinceBoot,
  wall: () => Date.now(),
};

/** As `performance.now()`, which makes all that Node.js can measure ready first. */
function sinceBoot(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

/**
 * A clock for waits and ages: it goes on steadily from the start of the process, whatever the machine's clock is set to. It goes on,
 * too, while the machine sleeps, as the hosts do: else all of them would be ahead of it from then on.
 */
export function steadyClock({ uptime: up, awake, wall }: TimeSources = TIME_SOURCES): () => Date {
  const [upAtStart, wallAtStart] = [up() - awake(), wall() - awake()];
  let sleptMs = 0;
  return () => {
    const now = awake();
    let ahead = wall() - now - wallAtStart;
    // A sleep moves both: a container may be told another uptime all of a sudden. It is read from a file, so not each time.
    if (ahead > sleptMs + SLEEP_MS) ahead = Math.min(ahead, up() - now - upAtStart);
    if (ahead > sleptMs + SLEEP_MS) sleptMs = ahead;
    return new Date(wallAtStart + now + sleptMs);
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
