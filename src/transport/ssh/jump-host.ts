import type { Duplex } from 'node:stream';
import { endpointText } from '../../core/endpoint.ts';
import { type UnreachableCause, UnreachableError } from '../../core/session.ts';
import { onAbort } from '../abort.ts';
import { DialError } from '../link.ts';
import type { SshDestination } from '../settings/settings.ts';
import { ConnectError } from './connect-attempt.ts';
import type { SshConnection } from './connection.ts';

/** A connection, and what to release when it is closed. */
export interface SharedConnection {
  readonly connection: SshConnection;
  readonly release: () => Promise<void>;
}

/** One user's share of a jump host. */
export interface JumpLease {
  /**
   * @throws {ConnectError}
   * @throws the reason of the signal
   */
  dial(target: SshDestination): Promise<Duplex>;
  /** Why the jump host was lost, and with it what leads through it; undefined while it is there. */
  lostBecause(): string | undefined;
  release(): Promise<void>;
}

/** A connection to a jump host that is closed with its last lease. */
export class SharedJump {
  readonly #connected: Promise<SharedConnection>;
  readonly #abandoned = new AbortController();
  #connection: SshConnection | undefined;
  #staysFailed = false;
  #users = 0;

  /** @param restMs how long it is left alone after a failure that may pass, in milliseconds */
  constructor(connect: (abandoned: AbortSignal) => Promise<SharedConnection>, restMs: number) {
    this.#connected = connect(this.#abandoned.signal);
    this.#connected.then(
      ({ connection }) => {
        this.#connection = connection;
      },
      (error: unknown) => {
        this.#abandoned.abort();
        if (error instanceof UnreachableError) this.#rest(error.reason, restMs);
      },
    );
  }

  /** It can no longer be shared. */
  get isLost(): boolean {
    return this.#abandoned.signal.aborted || this.#connection?.lostBecause !== undefined;
  }

  /** It could not be connected to, and the next host need not try it again. */
  get staysFailed(): boolean {
    return this.#staysFailed;
  }

  /**
   * A login or a key that is refused stays so, and an sshd may shut out who comes too often. What did not answer is left alone for
   * a while, or each group of hosts would wait for it once more.
   */
  #rest(reason: UnreachableCause, restMs: number): void {
    // Of this machine, not of the jump host.
    if (reason === 'open-files') return;
    this.#staysFailed = true;
    if (reason === 'authentication' || reason === 'host-key') return;
    setTimeout(() => {
      this.#staysFailed = false;
    }, restMs).unref();
  }

  async lease(host: string, jump: SshDestination, signal: AbortSignal | undefined): Promise<JumpLease> {
    this.#users += 1;
    try {
      const { connection } = await untilAborted(this.#connected, signal);
      return {
        dial: async ({ address, port }) => {
          const opening = connection.forward(address, port);
          try {
            return await untilAborted(opening, signal);
          } catch (error) {
            if (signal?.aborted) opening.then(dispose, () => undefined);
            signal?.throwIfAborted();
            throw throughJump(host, jump, endpointText({ address, port }), error);
          }
        },
        lostBecause: () => connection.lostBecause && `jump host ${jump.address}: ${connection.lostBecause}`,
        release: () => this.#leave(),
      };
    } catch (error) {
      await this.#leave();
      if (!(error instanceof UnreachableError)) throw error;
      throw new UnreachableError(host, error.reason, `jump host ${jump.address}: ${error.message}`, error.remedy);
    }
  }

  async #leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#abandoned.abort();
    const shared = await this.#connected.catch(() => undefined);
    await shared?.connection.close();
    await shared?.release();
  }
}

function dispose(late: Duplex): void {
  late.destroy();
}

function throughJump(host: string, { address }: SshDestination, target: string, cause: unknown): ConnectError {
  const why = cause instanceof DialError ? cause.message : String(cause);
  const error = new UnreachableError(
    host,
    'refused',
    `the jump host ${address} cannot connect to ${target}: ${why}`,
    'check AllowTcpForwarding and PermitOpen on the jump host, and that the host is up',
  );
  return new ConnectError({ error, retry: cause instanceof DialError && cause.kind === 'refused' });
}

/** A shared promise, for a caller that may be aborted before it settles. */
function untilAborted<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(signal?.reason));
    shared.then(resolve, reject).finally(forget);
  });
}
