import type { Host } from './host.ts';
import type { Probe, ProbeOutput } from './probe.ts';
import type { ShellScript } from './shell.ts';

/** A connection to a host that can look and nothing else: it has no way to run what is not a probe. */
export interface ReadSession {
  readonly host: string;
  /**
   * Asks all probes at once; the outputs are in their order.
   * @throws {UnreachableError} when the connection was lost: the answers are then unknown.
   */
  observe(probes: readonly Probe[], options?: ObserveOptions): Promise<readonly ProbeOutput[]>;
  close(): Promise<void>;
}

/** A connection to a host that may change it. Only the executor of a real run is ever handed one. */
export interface WriteSession extends ReadSession {
  /**
   * Runs a script in a subshell of the host's persistent sh, as root when `become` says so; standard input is empty.
   * A script that fails resolves, with its exit code.
   * @throws {UnreachableError} when the connection was lost: whether the script ran is then unknown.
   */
  run(script: ShellScript, options?: RunOptions): Promise<CommandResult>;
}

export interface ObserveOptions {
  /** Milliseconds for the whole observation; default 60 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunOptions {
  /** Milliseconds; then the script's processes are ended (TERM, KILL) and `timedOut` is set. Default 600 000. */
  readonly timeoutMs?: number;
  /** At most so many bytes of each stream are kept; default 1 048 576. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** null when the script was ended by a signal or a timeout. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

export interface Beat {
  readonly script: ShellScript;
  readonly everyMs: number;
}

/** Opens sessions. Made by the CLI from the transports, handed to the engine. */
export interface Connector {
  openForReading(host: Host, options?: OpenOptions): Promise<ReadSession>;
  openForWriting(host: Host, options?: OpenOptions): Promise<WriteSession>;
}

export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** What the play says; the variables of the host win over it. */
  readonly become?: boolean;
  /** For a session that may write: what it runs again and again for as long as it is open, between other scripts. */
  readonly beat?: Beat;
}

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
