import type { Duplex } from 'node:stream';
import { DialError, type HostProcess, type Link } from '../link.ts';
import type { SshConnection } from './connection.ts';
import { checkTcpPortFromHost, relay } from './relay.ts';

/**
 * A host behind an SSH connection. Its ports are reached by forwarding or, if sshd forbids that, through a program on the
 * host.
 */
export class SshLink implements Link {
  readonly isLocal = false;
  readonly #connection: SshConnection;
  readonly #release: () => Promise<void>;
  #forwardingForbidden = false;
  #closing: Promise<void> | undefined;

  /** `release` releases the jump host of the connection. */
  constructor(connection: SshConnection, release: () => Promise<void>) {
    this.#connection = connection;
    this.#release = release;
  }

  spawn(command: string): Promise<HostProcess> {
    return this.#connection.spawn(command);
  }

  async dial(address: string, port: number, signal: AbortSignal): Promise<Duplex> {
    return (await this.#forward(address, port)) ?? relay(this.#connection, address, port, signal);
  }

  async checkTcpPort(address: string, port: number, signal: AbortSignal): Promise<void> {
    const stream = await this.#forward(address, port);
    if (stream) stream.destroy();
    else await checkTcpPortFromHost(this.#connection, address, port, signal);
  }

  /** Undefined if sshd forbids forwarding. */
  async #forward(address: string, port: number): Promise<Duplex | undefined> {
    if (this.#forwardingForbidden) return undefined;
    try {
      return await this.#connection.forward(address, port);
    } catch (error) {
      if (!(error instanceof DialError) || error.kind !== 'forbidden') throw error;
      this.#forwardingForbidden = true;
      return undefined;
    }
  }

  get mayHavePasswords(): boolean {
    return this.#connection.trust === 'full';
  }

  get lostBecause(): string | undefined {
    return this.#connection.lostBecause;
  }

  close(): Promise<void> {
    this.#closing ??= this.#connection.close().then(this.#release);
    return this.#closing;
  }
}
