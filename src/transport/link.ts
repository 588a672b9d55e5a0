import type { Duplex, Readable, Writable } from 'node:stream';

/** A way to start processes on a host and to reach its ports as the host itself does: an SSH connection, or the controller. */
export interface Link {
  /**
   * Starts a command line by the host's own login shell. It must be one that any login shell understands alike:
   * simple words and single-quoted strings without `!`, backslash or line breaks.
   * @throws {Error} when it cannot be started.
   */
  spawn(command: string): Promise<HostProcess>;
  /**
   * A TCP connection from the host to an address.
   * @throws {DialError}
   */
  dial(address: string, port: number): Promise<Duplex>;
  /**
   * Resolves when something accepts a TCP connection from the host to an address.
   * @throws {DialError}
   */
  knock(address: string, port: number): Promise<void>;
  /** Why the connection is no more; undefined while it is. */
  readonly lostBecause: string | undefined;
  /** Ends the connection; processes that still run lose their standard streams. */
  close(): Promise<void>;
}

/** A process on a host. Whoever holds it must read both outputs, else `ended` never settles. */
export interface HostProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Asks for its end and stops caring: for a process that is not needed any more. */
  abandon(): void;
}

export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  /** The connection was lost: what became of the process is unknown. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Why a port could not be reached from the host. */
export class DialError extends Error {
  override readonly name = 'DialError';
  /** `closed`: nothing answers there. `forbidden`: the host does not let us ask. */
  readonly kind: 'closed' | 'forbidden';

  constructor(kind: 'closed' | 'forbidden', message: string) {
    super(message);
    this.kind = kind;
  }
}
