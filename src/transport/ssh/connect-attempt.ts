import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConnectConfig } from 'ssh2';
import { asError } from '../../core/system-error.ts';
import { onAbort } from '../abort.ts';
import { type OfferedAlgorithms, ssh2Algorithms } from '../settings/algorithms.ts';
import type { SshDestination, SshSettings } from '../settings/settings.ts';
import type { Authentication } from './authentication.ts';
import { type PromisedConnection, SshConnection } from './connection.ts';
import { type ConnectFailure, type ConnectStage, connectFailure } from './connection-error.ts';
import { HostKeyAnswer } from './host-key-answer.ts';
import type { HostKeyCheck } from './host-keys.ts';
import { connectTcp, HostSocket } from './host-socket.ts';
import { disagreement } from './key-exchange.ts';
import { shortenExchange } from './ssh2-protocol.ts';

export interface ConnectOptions {
  /** The host to name in errors. */
  readonly host: string;
  readonly destination: SshDestination;
  readonly isJump: boolean;
  /** The stream through a jump host; absent: TCP from the controller. */
  readonly stream: Duplex | undefined;
  /** Why the jump host was lost; absent: there is none. */
  readonly jumpLostBecause: (() => string | undefined) | undefined;
  readonly hostKey: HostKeyCheck;
  readonly algorithms: OfferedAlgorithms;
  readonly authentication: Authentication;
  /** For the whole attempt, from the TCP connection to the end of the login. */
  readonly timeoutMs: number;
  readonly keepAlive: SshSettings['keepAlive'];
  readonly signal: AbortSignal | undefined;
}

/** Thrown by {@link connectOnce}. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly failure: ConnectFailure;

  constructor(failure: ConnectFailure) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/**
 * Connects, checks the host's key and logs in. One attempt.
 * @throws {ConnectError}
 * @throws the reason of the signal
 */
export async function connectOnce(options: ConnectOptions): Promise<SshConnection> {
  const { stream, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const attempt = new ConnectAttempt(options);
  const timer = setTimeout(() => attempt.timeOut(), timeoutMs);
  const forget = onAbort(signal, () => attempt.disconnect());
  try {
    return await attempt.connect();
  } catch (error) {
    attempt.disconnect();
    stream?.destroy();
    signal?.throwIfAborted();
    throw new ConnectError(attempt.failureFrom(error));
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/** How far an attempt has come, which decides what an error means. */
class ConnectAttempt {
  readonly #options: ConnectOptions;
  #stage: ConnectStage = 'connecting';
  #timedOut: Error | undefined;
  #socket: HostSocket | undefined;
  #hostKey: HostKeyAnswer | undefined;
  #connection: SshConnection | undefined;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  async connect(): Promise<SshConnection> {
    const { destination, timeoutMs, signal } = this.#options;
    const [stream, loaded] = await Promise.all([
      this.#options.stream ?? connectTcp(destination, timeoutMs, signal),
      loadLibraries(),
    ]);
    const socket = new HostSocket(stream);
    this.#socket = socket;
    if (this.#timedOut) throw this.#timedOut;
    signal?.throwIfAborted();
    this.#stage = 'handshake';
    return this.#logIn(socket, loaded);
  }

  async #logIn(
    socket: HostSocket,
    [{ default: SSH2Promise }, { default: ssh2 }]: Awaited<ReturnType<typeof loadLibraries>>,
  ): Promise<SshConnection> {
    const { authentication, timeoutMs } = this.#options;
    const hostKey = new HostKeyAnswer(this.#options.hostKey, socket, () =>
      this.#connection?.noteError(new Error('its host key has changed')),
    );
    this.#hostKey = hostKey;
    const ssh = new SSH2Promise.SSH({
      ...config(this.#options),
      sock: socket,
      // Disabled: the timeout of the attempt includes connecting.
      readyTimeout: 0,
      reconnect: false,
      authHandler: authentication.handler({
        ssh2,
        timeoutMs: timeoutMs / 2,
        isOver: () => socket.destroyed,
        onBroken: (error) => socket.destroy(asError(error)),
      }),
      hostVerifier: (key: Buffer, verified: (trusted: boolean) => void) => hostKey.give(key, verified),
    }) as unknown as PromisedConnection;
    const ready = ssh.connect();
    const client = ssh.sshConnection;
    // Its own handlers ask on the terminal, and open connections for the host.
    client.removeAllListeners('keyboard-interactive');
    client.removeAllListeners('x11');
    shortenExchange(client);
    client.on('banner', (message) => authentication.hear(message));
    client.on('handshake', () => {
      this.#stage = 'authentication';
      if (hostKey.trust === 'no password') authentication.withholdPassword();
      socket.forgetOpening();
    });
    this.#connection = new SshConnection(ssh, socket, hostKey, this.#options);
    await ready;
    return this.#connection;
  }

  timeOut(): void {
    this.#timedOut = Object.assign(new Error('no answer'), { level: 'client-timeout' });
    // Without the error, since ssh2 would change its level.
    this.disconnect();
  }

  disconnect(): void {
    this.#socket?.destroy();
  }

  /** Why the attempt has failed. @param error what has ended it, which may only be a consequence */
  failureFrom(error: unknown): ConnectFailure {
    if (this.#hostKey?.problem) return { error: this.#hostKey.problem, retry: false };
    const disagreed = this.#socket && disagreement(this.#socket.opening, this.#options.algorithms);
    const cause = this.#timedOut ?? this.#connection?.error ?? error;
    return connectFailure({ ...this.#options, stage: this.#stage, disagreed }, cause);
  }
}

/** Once for all connections: in a bundle each import enumerates all exports of the library again. */
let libraries: ReturnType<typeof importLibraries> | undefined;

/** Loads them once the first hosts are being connected to, which then answer in the meantime. */
function loadLibraries(): ReturnType<typeof importLibraries> {
  libraries ??= nextTurn().then(importLibraries);
  return libraries;
}

function importLibraries() {
  return Promise.all([import('ssh2-promise'), import('ssh2')]);
}

function config({ destination, hostKey, algorithms, keepAlive }: ConnectOptions): ConnectConfig {
  return {
    host: destination.address,
    port: destination.port,
    username: destination.user,
    keepaliveInterval: keepAlive.intervalMs,
    keepaliveCountMax: keepAlive.count,
    algorithms: ssh2Algorithms(algorithms, hostKey.knownTypes),
  };
}
