import { formatDuration } from '../core/duration.ts';
import type { FactRef } from '../core/fact.ts';
import type { CommandResult, RunOptions, WriteSession } from '../core/session.ts';
import type { ShellScript } from '../core/shell.ts';
import { type Look, StepFailure, type WriteContext } from '../core/step.ts';
import type { World } from '../core/world.ts';
import { setWhenLost } from './lost-run.ts';
import { observeFacts } from './observe.ts';

export interface ContextOptions {
  readonly session: WriteSession;
  readonly runId: string;
  readonly order: string;
  readonly signal: AbortSignal;
  readonly clock: () => Date;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** A line of progress; `limitMs` when it is a wait that will end. */
  /** The session of another host of the play that is up and has not failed. */
  readonly peer: (name: string) => WriteSession | undefined;
  readonly onProgress: (message: string, elapsedMs: number, limitMs?: number) => void;
}

/** The first looks come quickly; what has not come by then is not worth two questions a second. */
const FIRST_POLL_MS = 150;
const LAST_POLL_MS = 1_000;
const POLL_GROWTH = 1.4;

/** What a step of a real run is handed. Nothing outside the executor makes one. */
export function stepContext(options: ContextOptions): WriteContext {
  const { session, runId, order, signal, clock, onProgress } = options;
  const started = clock().getTime();
  return {
    host: session.host,
    runId,
    order,
    signal,
    now: clock,
    observe: (refs: readonly FactRef[]): Promise<World> => observeFacts(session, refs, signal),
    report: (message) => onProgress(message, clock().getTime() - started),
    run: (script, runOptions) => runScript(session, script, signal, runOptions),
    whenLost: (script) => setWhenLost(session, runId, script),
    waitFor: (what, timeoutMs, look) => waitFor(options, what, timeoutMs, look),
    peer: (name) => {
      const other = options.peer(name);
      return other && stepContext({ ...options, session: other });
    },
  };
}

async function runScript(
  session: WriteSession,
  script: ShellScript,
  signal: AbortSignal,
  options: RunOptions & { readonly mayFail?: boolean } = {},
): Promise<CommandResult> {
  const result = await session.run(script, { signal, ...options });
  if (result.exitCode === 0 || options.mayFail) return result;
  throw failureOf(result);
}

/** The last lines that a failed command said: it puts the reason there. */
function failureOf(result: CommandResult): StepFailure {
  const how = result.timedOut
    ? 'did not end in time'
    : result.exitCode === null
      ? 'was ended'
      : `ended with ${result.exitCode}`;
  const lines = result.stderr.trim() === '' ? result.stdout : result.stderr;
  const said = lines.trim().split('\n').slice(-8).join('\n');
  return new StepFailure(`a command on the host ${how}`, said === '' ? [] : [['it said', said]]);
}

async function waitFor<T>(
  { clock, wait, onProgress, signal }: ContextOptions,
  what: string,
  timeoutMs: number,
  look: () => Promise<Look<T>>,
): Promise<T> {
  const started = clock().getTime();
  let pause = FIRST_POLL_MS;
  for (;;) {
    const seen = await look();
    if (seen.done) return seen.value;
    const elapsed = clock().getTime() - started;
    if (elapsed > timeoutMs) {
      throw new StepFailure(`${what}: nothing came of it within ${formatDuration(timeoutMs)}`, [
        ['last seen', seen.state],
      ]);
    }
    onProgress(seen.state, elapsed, timeoutMs);
    await wait(pause, signal);
    pause = Math.min(LAST_POLL_MS, pause * POLL_GROWTH);
  }
}
