import { formatDuration } from '../../core/duration.ts';
import type { FactRef } from '../../core/fact.ts';
import { lastOutput, printed } from '../../core/program-output.ts';
import { type CommandResult, RUN_TIMEOUT_MS, type WriteSession } from '../../core/session.ts';
import type { ShellScript } from '../../core/shell.ts';
import { type Look, StepFailure, type WriteContext, type WriteOptions } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { setWhenLost } from '../hosts/lost-run.ts';
import { observeFacts } from '../hosts/observe.ts';
import type { TimeLimit } from './time-limit.ts';

/** The parts of a context for one call of a step. */
export interface ContextOptions {
  readonly session: WriteSession;
  readonly runId: string;
  /** Who holds the host's lock: this run, for people. */
  readonly holder: string;
  readonly order: string;
  readonly environment?: WriteContext['environment'];
  /** Where scripts start on the machine that kplay runs on. */
  readonly localDirectory?: string;
  /** When it is over, scripts in progress are ended. */
  readonly limit?: TimeLimit;
  readonly signal: AbortSignal;
  readonly clock: () => Date;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** The session of another host of the play that is up and has not failed. */
  readonly peer: (name: string) => WriteSession | undefined;
  /**
   * Called after the host was armed, or disarmed. `unsure`: its connection was lost while it was being armed, so it may be, and
   * may not.
   */
  readonly onArming: (state: 'armed' | 'disarmed' | 'unsure') => void;
  /** Reports progress; `limitMs` is given while waiting for something that will end. */
  readonly onProgress: (message: string, elapsedMs: number, limitMs?: number) => void;
}

/** Polling starts fast and slows down: a long wait is not worth two observations per second. */
const FIRST_POLL_MS = 150;
const LAST_POLL_MS = 1_000;
const POLL_GROWTH = 1.4;
/** If an observation takes long, the host is busy: pause for this many times its duration. */
const IDLE_TIMES = 4;

/** Makes the context of a step in a real run. Only the executor makes one. */
export function stepContext(options: ContextOptions): WriteContext {
  const { session, runId, order, signal, clock, onProgress } = options;
  const started = clock().getTime();
  return {
    host: session.host,
    runId,
    order,
    environment: options.environment ?? {},
    signal,
    now: clock,
    observe: (refs: readonly FactRef[]): Promise<World> => observeFacts(session, refs, signal),
    report: (message) => onProgress(message, clock().getTime() - started),
    run: (script, runOptions) => runScript(options, script, runOptions),
    async whenLost(script) {
      try {
        await setWhenLost(session, script, options.holder);
      } catch (error) {
        // The host may have received it all the same.
        if (script !== undefined && !(error instanceof StepFailure)) options.onArming('unsure');
        throw error;
      }
      options.onArming(script === undefined ? 'disarmed' : 'armed');
    },
    waitFor: (what, timeoutMs, poll, remedy) => waitFor(options, { what, timeoutMs, remedy }, poll),
    peer: (name) => {
      const other = options.peer(name);
      return other && stepContext({ ...options, session: other, onArming: () => undefined });
    },
  };
}

async function runScript(
  { session, signal, limit, localDirectory }: ContextOptions,
  script: ShellScript,
  options: WriteOptions = {},
): Promise<CommandResult> {
  if (limit?.isOver) throw limit.failure();
  const left = limit?.leftMs;
  const isLimited = left !== undefined && left <= (options.timeoutMs ?? RUN_TIMEOUT_MS);
  const result = await session.run(script, {
    signal,
    ...(localDirectory !== undefined && { localDirectory }),
    ...options,
    ...(isLimited && { timeoutMs: left }),
  });
  if (limit && isLimited && result.timedOut) throw limit.failure();
  if (result.exitCode === 0 || options.mayFail) return result;
  throw failureOf(options.secretOutput ? { ...result, stdout: '' } : result);
}

/** The message of every program on Linux (errno ENOSPC). */
const NO_ROOM = /No space left on device/;

/**
 * The message of EPERM and EACCES. For EPERM the programs of uutils, the coreutils of some distributions, say `Permission denied`, too. A
 * failed login of ssh, or of git through ssh, is left out, because becoming root does not help: there the methods of login follow, or
 * `, please try again`.
 */
const NOT_PERMITTED = /Operation not permitted|Permission denied(?! \((?!os error)|, )/;

/** With this exit code a shell says `Permission denied` of a file that is not executable. */
const NOT_EXECUTABLE = 126;

/** A failed command gives its reason in the last lines of its output. */
function failureOf(result: CommandResult): StepFailure {
  const how = result.timedOut
    ? 'did not end in time'
    : result.exitCode === null
      ? 'was ended'
      : `ended with ${result.exitCode}`;
  const output = lastOutput(result);
  const details = printed(output);
  if (NO_ROOM.test(output)) {
    const remedy =
      'free some space first (journalctl --vacuum-size=100M, apt-get clean or dnf clean all), then run again';
    return new StepFailure('disk-full', 'a disk of the host is full', { details, remedy });
  }
  if (NOT_PERMITTED.test(output) && result.exitCode !== NOT_EXECUTABLE) {
    const remedy =
      'become root (-b) if that is missing; if even root may not do this, the cause is an attribute (lsattr FILE shows i or a: chattr -ia FILE) or the mount';
    return new StepFailure('script-failed', `a command on the host ${how}`, { details, remedy });
  }
  return new StepFailure('script-failed', `a command on the host ${how}`, {
    details,
    remedy: 'fix what it reports, then run again',
  });
}

async function waitFor<T>(
  { clock, wait, onProgress, signal, limit }: ContextOptions,
  {
    what,
    timeoutMs,
    remedy,
  }: { readonly what: string; readonly timeoutMs: number; readonly remedy: string | undefined },
  poll: () => Promise<Look<T>>,
): Promise<T> {
  const started = clock().getTime();
  let pause = FIRST_POLL_MS;
  for (;;) {
    const pollStart = clock().getTime();
    const seen = await poll();
    if (limit?.isOver) throw limit.failure();
    if (seen.done) return seen.value;
    const elapsed = clock().getTime() - started;
    if (elapsed > timeoutMs) {
      const reason = `timed out after ${formatDuration(timeoutMs)} waiting for ${what}`;
      throw new StepFailure('not-in-time', reason, {
        details: [['last seen', seen.state]],
        remedy: remedy ?? 'run again, or give it more time',
      });
    }
    onProgress(seen.state, elapsed, timeoutMs);
    const took = clock().getTime() - pollStart;
    const longest = Math.min(LAST_POLL_MS, limit?.leftMs ?? LAST_POLL_MS);
    await wait(Math.min(longest, Math.max(pause, took * IDLE_TIMES)), signal);
    if (!seen.isLight) pause = Math.min(LAST_POLL_MS, pause * POLL_GROWTH);
  }
}
