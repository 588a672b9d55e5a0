import type { Duplex, Readable, Writable } from 'node:stream';

/** Starts processes on a host and reaches its ports from the host itself: through an SSH connection, or on the controller. */
export interface Link {
  /**
   * Starts a command line in the host's login shell. It must have the same meaning in any login shell: simple words and
   * single-quoted strings without `!`, backslash or line breaks.
   * @throws {Error} if it cannot be started
   */
  spawn(command: string): Promise<HostProcess>;
  /**
   * A TCP connection from the host to an address.
   * @param signal aborted when it is no longer wanted
   * @throws {DialError}
   */
  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /**
   * Resolves if something accepts a TCP connection from the host to an address.
   * @param signal aborted when the answer is no longer wanted: nothing is left that goes on trying
   * @throws {DialError}
   */
  checkTcpPort(address: string, port: number, signal: AbortSignal): Promise<void>;
  /** Whether the host is the machine that kplay runs on. */
  readonly isLocal: boolean;
  /** False if the host has shown another key than the known one. */
  readonly mayHavePasswords: boolean;
  /** Why the connection has ended; undefined while it is open. */
  readonly lostBecause: string | undefined;
  /** Ends the connection; running processes lose their standard streams. */
  close(): Promise<void>;
}

/** A process on a host. Its owner must read both outputs, or `ended` never settles. */
export interface HostProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Requests its end, for a process that is no longer needed. */
  abandon(): void;
}

export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  /** The connection was lost: whether the process still runs is unknown. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Why a port could not be reached from the host. */
export class DialError extends Error {
  override readonly name = 'DialError';
  /** `refused`: nothing listens. `closed`: nothing answers. `forbidden`: the host, or this machine, does not allow the attempt. */
  readonly kind: 'refused' | 'closed' | 'forbidden';

  constructor(kind: DialError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
