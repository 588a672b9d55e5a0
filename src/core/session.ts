import type { Host } from './host.ts';
import type { Probe, ProbeOutput } from './probe.ts';
import type { ShellScript } from './shell.ts';

/** A connection to a host that can only look: it has no method to run anything but probes. */
export interface ReadSession {
  readonly host: string;
  /**
   * Sends all probes at once and returns their outputs in the same order.
   * @throws {UnreachableError} when the connection was lost.
   */
  observe(probes: readonly Probe[], options?: ObserveOptions): Promise<readonly ProbeOutput[]>;
  close(): Promise<void>;
}

/** A connection to a host that may change it. Only the executor of a real run is ever handed one. */
export interface WriteSession extends ReadSession {
  /**
   * Runs a script in a subshell of the host's persistent sh, as root when `become` says so; its standard input is empty.
   * A script that fails is a result like any other, with its exit code.
   * @throws {UnreachableError} when the connection was lost: whether the script ran is then unknown.
   */
  run(script: ShellScript, options?: RunOptions): Promise<CommandResult>;
}

/** How probes are sent. */
export interface ObserveOptions {
  /** Milliseconds for the whole observation; default 60 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How a script is run. */
export interface RunOptions {
  /** Milliseconds; then the script's processes are killed (TERM, then KILL) and `timedOut` is set. Default 600 000. */
  readonly timeoutMs?: number;
  /** At most so many bytes of each stream are kept; default 1 048 576. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

/** How a script ended. */
export interface CommandResult {
  /** null when a signal or the timeout ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Some output was dropped because of `maxOutputBytes`. */
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

/** A script that a session runs at intervals, to show the host that the run is still there. */
export interface Beat {
  readonly script: ShellScript;
  readonly everyMs: number;
}

/** Opens sessions. Made by the CLI from the transports, handed to the engine. */
export interface Connector {
  openForReading(host: Host, options?: OpenOptions): Promise<ReadSession>;
  openForWriting(host: Host, options?: OpenOptions): Promise<WriteSession>;
}

/** Whether tasks of a session become root, as a task or its play says; undefined leaves it to the host's variables. */
export type Become = boolean | undefined;

/** How a session is opened. */
export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** Whether tasks want root, as the playbook says; a variable of the host (`ansible_become`) wins over it. */
  readonly become?: boolean;
  /** For a session that may write: run at intervals for as long as it is open, between other scripts. */
  readonly beat?: Beat;
}

/** Why a host cannot be reached. */
export type UnreachableCause =
  | 'address'
  | 'refused'
  | 'timeout'
  | 'host-key'
  | 'authentication'
  | 'become'
  | 'shell'
  | 'lost';

/** The host could not be reached, or was lost; what it did meanwhile is unknown. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly host: string;
  readonly reason: UnreachableCause;
  /** What to do, in one line. */
  readonly remedy: string | undefined;

  constructor(host: string, reason: UnreachableCause, message: string, remedy?: string) {
    super(message);
    this.host = host;
    this.reason = reason;
    this.remedy = remedy;
  }
}
