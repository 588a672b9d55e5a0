import type { Probe, ProbeOutput } from '../../core/probe.ts';
import {
  type CommandResult,
  type Heartbeat,
  MAX_OUTPUT_BYTES,
  type ObserveOptions,
  type ReadSession,
  RUN_TIMEOUT_MS,
  type ScriptOptions,
  UnreachableError,
  type WriteSession,
} from '../../core/session.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import { Turns } from '../../core/turns.ts';
import { ask } from '../dial/dial.ts';
import type { Link } from '../link.ts';
import { type Section, sectionText } from './framing.ts';
import { type FrameResult, MAX_FRAME_MIB, type Shell } from './shell.ts';

const OBSERVE_TIMEOUT_MS = 60_000;
/** sshd allows ten sessions on a connection. Each relay needs one, and keeps it a little longer than it lives. */
const MAX_DIALS = 6;

/** The parts of a session. */
export interface SessionParts {
  readonly host: string;
  readonly link: Link;
  readonly shell: Shell;
  readonly dialTimeoutMs: number;
}

/** Observes a host; has no method that could run anything but probes. */
export class HostReader implements ReadSession {
  readonly host: string;
  readonly #parts: SessionParts;
  readonly #dials = new Turns();

  constructor(parts: SessionParts) {
    this.host = parts.host;
    this.#parts = parts;
  }

  async observe(probes: readonly Probe[], options: ObserveOptions = {}): Promise<readonly ProbeOutput[]> {
    const { link, shell, dialTimeoutMs } = this.#parts;
    const scripts = probes.flatMap(({ script }) => (script ? [script.reveal()] : []));
    const [frame, dials] = await Promise.all([
      scripts.length > 0 ? this.#runProbes(shell, scripts, options) : undefined,
      Promise.all(
        probes.map(({ dials = [] }) =>
          Promise.all(
            dials.map((dial) => this.#dials.run(MAX_DIALS, () => ask(dial, link, dialTimeoutMs, options.signal))),
          ),
        ),
      ),
    ]);
    options.signal?.throwIfAborted();
    if (link.lostBecause !== undefined) {
      const message = `the connection was lost (${link.lostBecause}) while reading the host`;
      throw new UnreachableError(this.host, 'lost', message, 'run again');
    }
    let next = 0;
    return probes.map(({ script }, index) => {
      const answered = dials[index] ?? [];
      if (!script) return { stdout: '', stderr: '', exitCode: 0, truncated: false, dials: answered };
      const stdout = frame?.stdout[next];
      const stderr = frame?.stderr[next];
      next += 1;
      return { ...probeText(stdout, stderr), dials: answered };
    });
  }

  async close(): Promise<void> {
    await this.#parts.shell.close();
    await this.#parts.link.close();
  }

  async #runProbes(shell: Shell, scripts: readonly string[], options: ObserveOptions): Promise<FrameResult> {
    const { timeoutMs = OBSERVE_TIMEOUT_MS, signal } = options;
    const frame = await shell.execute(scripts, { timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES, signal });
    const done = Math.min(frame.stdout.length, frame.stderr.length);
    if (frame.stopped === undefined && done >= scripts.length) return frame;
    if (frame.stopped === 'abort') signal?.throwIfAborted();
    throw this.#incomplete(frame.stopped, done, scripts.length, timeoutMs);
  }

  /** Partial answers are rejected: a fact could mistake missing output for absence. */
  #incomplete(stopped: FrameResult['stopped'], done: number, total: number, timeoutMs: number): UnreachableError {
    const answered = `${done} of ${total} questions were answered`;
    switch (stopped) {
      case 'timeout':
        return new UnreachableError(
          this.host,
          'timeout',
          `reading the host took longer than ${timeoutMs / 1_000} s; ${answered}`,
          'look for a hanging file system or an overloaded disk on the host',
        );
      case 'output':
        return new UnreachableError(this.host, 'shell', `the answer of the host is too long; ${answered}`);
      default:
        return new UnreachableError(
          this.host,
          'lost',
          `something on the host killed the script that reads it; ${answered}`,
          'check the journal of the host for an out-of-memory kill',
        );
    }
  }
}

/** Observes and changes a host. */
export class HostWriter implements WriteSession {
  readonly host: string;
  readonly #reader: HostReader;
  readonly #shell: Shell;
  readonly #isLocal: boolean;
  readonly #heartbeat: NodeJS.Timeout | undefined;
  #isSendingHeartbeat = false;

  /** While the shell runs a script, the beat waits for its end, at most once. */
  constructor(parts: SessionParts, beat: Heartbeat | undefined) {
    this.host = parts.host;
    this.#reader = new HostReader(parts);
    this.#shell = parts.shell;
    this.#isLocal = parts.link.isLocal;
    this.#heartbeat = beat && setInterval(() => void this.#sendHeartbeat(beat), beat.everyMs).unref();
  }

  observe(probes: readonly Probe[], options?: ObserveOptions): Promise<readonly ProbeOutput[]> {
    return this.#reader.observe(probes, options);
  }

  async run(script: ShellScript, options: ScriptOptions = {}): Promise<CommandResult> {
    const { timeoutMs = RUN_TIMEOUT_MS, maxOutputBytes = MAX_OUTPUT_BYTES, localDirectory, signal } = options;
    const placed = localDirectory === undefined || !this.#isLocal ? script : startingIn(localDirectory, script);
    const { stdout, stderr, stopped } = await this.#shell.execute([placed.reveal()], {
      timeoutMs,
      maxOutputBytes,
      signal,
    });
    const { exitCode, ...output } = probeText(stdout[0], stderr[0]);
    return {
      ...output,
      ...(stopped === 'output' && {
        stderr: `${output.stderr}\nkplay: the script was stopped because it wrote more than ${MAX_FRAME_MIB} MiB\n`,
      }),
      exitCode: stopped === undefined ? exitCode : null,
      timedOut: stopped === 'timeout',
    };
  }

  close(): Promise<void> {
    clearInterval(this.#heartbeat);
    return this.#reader.close();
  }

  /** Errors are ignored: whoever uses the session notices that it is lost. */
  async #sendHeartbeat({ script, everyMs }: Heartbeat): Promise<void> {
    if (this.#isSendingHeartbeat) return;
    this.#isSendingHeartbeat = true;
    await this.run(script, { timeoutMs: everyMs }).catch(() => undefined);
    this.#isSendingHeartbeat = false;
  }
}

/**
 * Starts a script in a directory, or, if that cannot be entered, where kplay was started. A saved plan may be applied where the directory of
 * its playbook does not exist, or by a user who may not enter it (as root may not on NFS).
 */
function startingIn(directory: string, script: ShellScript): ShellScript {
  return sh`cd ${directory} 2>/dev/null || :
${script}`;
}

function probeText(stdout: Section | undefined, stderr: Section | undefined): Omit<ProbeOutput, 'dials'> {
  return {
    stdout: stdout ? sectionText(stdout) : '',
    stderr: stderr ? sectionText(stderr) : '',
    exitCode: stdout?.exitCode ?? 1,
    truncated: stdout?.truncated === true || stderr?.truncated === true,
  };
}
