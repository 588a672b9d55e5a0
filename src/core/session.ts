import type { Host } from './host.ts';
import type { Probe, ProbeOutput } from './probe.ts';
import type { ShellScript } from './shell.ts';

/** A connection to a host that can only run probes. */
export interface ReadSession {
  readonly host: string;
  /**
   * Sends all probes at once and returns their outputs in the same order.
   * @throws {UnreachableError} when the connection was lost.
   */
  observe(probes: readonly Probe[], options?: ObserveOptions): Promise<readonly ProbeOutput[]>;
  close(): Promise<void>;
}

/** A connection to a host that may change it. Only the executor of a real run is given one. */
export interface WriteSession extends ReadSession {
  /**
   * Runs a script in a subshell of the host's persistent sh, as root if `become` says so; its standard input is empty.
   * A script that fails is an ordinary result, with its exit code.
   * @throws {UnreachableError} when the connection was lost: whether the script ran is then unknown
   */
  run(script: ShellScript, options?: ScriptOptions): Promise<CommandResult>;
}

/** The time that a script has, unless it is given another. */
export const RUN_TIMEOUT_MS = 600_000;

/** Bytes that are kept of each of its streams, and of the answer to an observation, unless another limit is given. */
export const MAX_OUTPUT_BYTES = 1_048_576;

/** Options of an observation. */
export interface ObserveOptions {
  /** Milliseconds for the whole observation; default 60 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Options of running a script. */
export interface ScriptOptions {
  /** Milliseconds; then the script's processes are killed (TERM, then KILL) and `timedOut` is set. Default {@link RUN_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /** Limit on the bytes kept of each stream; default {@link MAX_OUTPUT_BYTES}. */
  readonly maxOutputBytes?: number;
  /** Where it starts on the machine that kplay runs on; on another host it starts where a login does. */
  readonly localDirectory?: string;
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

/** A script that a session runs at intervals, to tell the host that the run is still alive. */
export interface Heartbeat {
  readonly script: ShellScript;
  readonly everyMs: number;
}

/** Opens sessions. The CLI makes it from the transports and passes it to the engine. */
export interface Connector {
  openForReading(host: Host, options?: OpenOptions): Promise<ReadSession>;
  openForWriting(host: Host, options?: OpenOptions): Promise<WriteSession>;
}

/** Whether tasks of a session become root, according to the task or its play; undefined leaves it to the host's variables. */
export type BecomeChoice = boolean | undefined;

/** A key for what belongs to one host and one value of `become`; no two have the same, whatever the host is called. */
export function sessionKey({ name }: Host, become: BecomeChoice): string {
  return `${become} ${name}`;
}

/** Options of opening a session. */
export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** The host was lost or unreachable before: a jump host that could not be connected to is tried once more, too. */
  readonly again?: boolean;
  /** Whether tasks become root, according to the playbook; the host variable `ansible_become` takes precedence. */
  readonly become?: boolean;
  /** For a session that may write: run at intervals between other scripts for as long as it is open. */
  readonly beat?: Heartbeat;
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
  | 'open-files'
  | 'processes'
  | 'lost';

/** The host could not be reached, or its connection was lost; what it has done since is unknown. */
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
