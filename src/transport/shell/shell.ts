import { UnreachableError } from '../../core/session.ts';
import { timerMs } from '../../core/timer.ts';
import { onAbort } from '../abort.ts';
import type { HostProcess, ProcessEnd } from '../link.ts';
import { frameText, inBlocks, type Section, SectionReader } from './framing.ts';

/** A script that writes more than this is ended: no script of kplay has that much output. */
export const MAX_FRAME_MIB = 64;

/** How long ending the processes of a script may take if the whole run is to end at once. */
const ABORT_LIMIT_MS = 5_000;

/** Limits of scripts. */
interface FrameLimits {
  readonly timeoutMs: number;
  /** Per script and stream. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Why scripts were ended early. */
type StopCause = 'timeout' | 'abort' | 'output';

/** The output of scripts that ran together: one section each, fewer if they were stopped. */
export interface FrameResult {
  readonly stdout: readonly Section[];
  readonly stderr: readonly Section[];
  readonly stopped: StopCause | undefined;
}

interface ShellOptions {
  readonly host: string;
  /** Sent to the shell before its first scripts. */
  readonly prelude: string;
  /** The shell reads its standard input byte by byte. */
  readonly readsByteByByte: boolean;
  /** An unguessable word: the prefix of the markers at the ends of output. */
  readonly token: string;
  /** Ends everything that the shell's current script has started, but not the shell itself. */
  readonly endScript: () => Promise<void>;
  /** How long ending the processes of a script may take before the connection is closed. */
  readonly stopTimeoutMs: number;
  /** Closes the whole connection. */
  readonly giveUp: () => void;
}

/**
 * The persistent sh of a host. Scripts run one after another; a script that fails, hangs or cannot be parsed leaves it usable.
 */
export class Shell {
  readonly #process: HostProcess;
  readonly #options: ShellOptions;
  #queue: Promise<unknown> = Promise.resolve();
  #frames = 0;
  #frame: Frame | undefined;
  #lost: UnreachableError | undefined;

  /** `process` is an sh that is waiting for commands on its standard input. */
  constructor(process: HostProcess, options: ShellOptions) {
    this.#process = process;
    this.#options = options;
    process.stdout.on('data', (chunk: Buffer) => this.#frame?.push('stdout', chunk));
    process.stderr.on('data', (chunk: Buffer) => this.#frame?.push('stderr', chunk));
    // A broken pipe is explained better by the end of the process.
    process.stdin.on('error', () => undefined);
    void process.ended.then((end) => this.#lose(lostError(options.host, end)));
  }

  /**
   * Runs scripts, one after another, each in a subshell of its own.
   * @throws {UnreachableError} if the shell or the connection is lost, or the scripts cannot be ended
   * @throws the reason of `limits.signal` if it was aborted before the scripts started
   */
  execute(scripts: readonly string[], limits: FrameLimits): Promise<FrameResult> {
    const turn = this.#queue.then(() => this.#perform(scripts, limits));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the shell, after the script that may be running in it. */
  async close(): Promise<void> {
    this.#lost ??= new UnreachableError(this.#options.host, 'lost', 'the session has been closed');
    this.#frame?.stop('abort');
    await this.#queue;
    this.#process.stdin.end();
  }

  async #perform(scripts: readonly string[], { timeoutMs, maxOutputBytes, signal }: FrameLimits): Promise<FrameResult> {
    signal?.throwIfAborted();
    if (this.#lost) throw this.#lost;
    const marker = `${this.#options.token}.${this.#frames + 1}.`;
    const text = frameText(scripts, marker);
    this.#frames += 1;
    const frame = new Frame(marker, { maxBytes: maxOutputBytes, scripts: scripts.length }, (cause) =>
      this.#endScript(cause),
    );
    this.#frame = frame;
    const timer = setTimeout(() => frame.stop('timeout'), timerMs(timeoutMs));
    const forget = onAbort(signal, () => frame.stop('abort'));
    const prelude = this.#frames === 1 ? this.#options.prelude : '';
    this.#process.stdin.write(prelude + (this.#options.readsByteByByte ? inBlocks(text) : text));
    try {
      await frame.ended;
      await frame.stopping;
    } finally {
      clearTimeout(timer);
      forget();
      this.#frame = undefined;
    }
    return { stdout: frame.stdout.sections, stderr: frame.stderr.sections, stopped: frame.stopped };
  }

  /** Ends the running script, so that the shell reaches the end of the frame. If it does not, the connection is closed. */
  async #endScript(cause: StopCause): Promise<void> {
    const { host, endScript, giveUp, stopTimeoutMs } = this.#options;
    let failure: unknown;
    const limitMs = cause === 'abort' ? Math.min(stopTimeoutMs, ABORT_LIMIT_MS) : stopTimeoutMs;
    const timer = setTimeout(() => {
      this.#lose(notStopped(host, failure));
      giveUp();
    }, limitMs);
    // Success shows in the frame, which then ends.
    await endScript().catch((error: unknown) => {
      failure = error;
    });
    await this.#frame?.ended.catch(() => undefined);
    clearTimeout(timer);
  }

  #lose(error: UnreachableError): void {
    this.#lost ??= error;
    this.#frame?.fail(error);
  }
}

/** @param failure why the shell that was to stop them was not started, if that is so */
function notStopped(host: string, failure: unknown): UnreachableError {
  const what = 'the processes of a script could not be stopped, so the connection was closed';
  return failure instanceof UnreachableError
    ? new UnreachableError(host, 'timeout', `${what}: ${failure.message}`, failure.remedy)
    : new UnreachableError(
        host,
        'timeout',
        what,
        'if the host still answers, look there for processes in state D (ps axo pid,stat,args)',
      );
}

/** With which a shell ends that may not start the program that it is to become. */
const MAY_NOT_START = 126;

function lostError(host: string, end: ProcessEnd): UnreachableError {
  if (end.kind === 'exited' && end.code === MAY_NOT_START)
    return new UnreachableError(
      host,
      'shell',
      `sh on the host may not start programs (exit code ${MAY_NOT_START}): no script has run`,
      'take noexec and NOEXEC for the user out of sudoers, and look for a policy of SELinux or AppArmor',
    );
  const what =
    end.kind === 'lost'
      ? `the connection was lost (${end.reason})`
      : `the shell on the host ended (${end.kind === 'exited' ? `exit code ${end.code}` : end.signal})`;
  const unknown = 'it is unknown whether a script that ran in it has finished';
  return new UnreachableError(
    host,
    'lost',
    `${what}; ${unknown}`,
    'run again: kplay first reads the state of the host',
  );
}

/** Running scripts, with their output so far. */
class Frame {
  readonly stdout: SectionReader;
  readonly stderr: SectionReader;
  /** Resolves when both streams have reached their end; rejects when they never will. */
  readonly ended: Promise<void>;
  /** Why it is being stopped. */
  stopped: StopCause | undefined;
  /** Settles when none of its processes runs any more. */
  stopping: Promise<void> | undefined;
  readonly #endScript: (cause: StopCause) => Promise<void>;
  #end: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  constructor(
    marker: string,
    { maxBytes, scripts }: { readonly maxBytes: number; readonly scripts: number },
    endScript: (cause: StopCause) => Promise<void>,
  ) {
    this.stdout = new SectionReader(marker, maxBytes, scripts);
    this.stderr = new SectionReader(marker, maxBytes, scripts);
    this.#endScript = endScript;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
  }

  push(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this[stream].push(chunk);
    if (this.stdout.ended && this.stderr.ended) this.#end();
    else if (this.stdout.received + this.stderr.received > MAX_FRAME_MIB * 1_048_576) this.stop('output');
  }

  stop(cause: StopCause): void {
    this.stopped ??= cause;
    this.stopping ??= this.#endScript(cause);
  }

  fail(error: Error): void {
    this.#fail(error);
  }
}
