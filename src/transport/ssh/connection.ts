import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client, ClientChannel, ConnectConfig } from 'ssh2';
import { asError, systemErrorCode } from '../../core/system-error.ts';
import { onAbort } from '../abort.ts';
import { DialError, type HostProcess, type ProcessEnd } from '../link.ts';
import { reasonOf } from '../network-error.ts';
import { type OfferedAlgorithms, ssh2Algorithms } from '../settings/algorithms.ts';
import type { SshDestination, SshSettings } from '../settings/settings.ts';
import type { Authentication } from './authentication.ts';
import { type ConnectFailure, type ConnectStage, connectFailure } from './connection-error.ts';
import { HostKeyAnswer } from './host-key-answer.ts';
import type { HostKeyCheck, Trust } from './host-keys.ts';
import { connectTcp, HostSocket } from './host-socket.ts';
import { disagreement } from './key-exchange.ts';
import { PendingAnswers } from './pending-answers.ts';
import { shortenExchange } from './ssh2-protocol.ts';

interface ConnectOptions {
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
  readonly timeoutMs: number;
  readonly keepAlive: SshSettings['keepAlive'];
  readonly signal: AbortSignal | undefined;
}

/** Thrown by {@link SshConnection.connect}. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly failure: ConnectFailure;

  constructor(failure: ConnectFailure) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/** Reasons of a refused channel (RFC 4254, section 5.1) that mean that forwarding is not allowed. */
const CHANNEL_FORBIDDEN: readonly unknown[] = [1, 3];
/** And that the host could not connect. */
const CONNECT_FAILED = 2;

/** How long the other side may take to close its end. */
const CLOSE_LIMIT_MS = 1_000;

/** A channel holds no more than ssh2 allows the host to send (2 MiB per stream); more means a protocol violation. */
const MAX_CHANNEL_BYTES = 8 * 1024 * 1024;

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

/**
 * One SSH connection: ssh2-promise without its defaults. No reconnecting (it would hide that a host was lost), no cache of
 * connections, no prompts on the terminal, no `exec` (which takes a lost connection for success).
 */
export class SshConnection {
  readonly #ssh: PromisedConnection;
  readonly #socket: HostSocket;
  readonly #client: Client;
  readonly #closed: Promise<void>;
  readonly #pending: PendingAnswers;
  readonly #channels = new Set<ClientChannel>();
  readonly #hostKey: HostKeyAnswer;
  #error: Error | undefined;
  #lostBecause: string | undefined;

  private constructor(
    ssh: PromisedConnection,
    socket: HostSocket,
    hostKey: HostKeyAnswer,
    { authentication, timeoutMs, keepAlive, jumpLostBecause }: ConnectOptions,
  ) {
    this.#ssh = ssh;
    this.#socket = socket;
    this.#hostKey = hostKey;
    this.#pending = new PendingAnswers(timeoutMs);
    const client = ssh.sshConnection;
    this.#client = client;
    let timer: NodeJS.Timeout | undefined;
    client.on('error', (error: Error & { readonly level?: string }) => {
      authentication.note(error);
      // A failing agent is no error of the connection.
      if (error.level === 'agent') return;
      // The first error is the cause, later ones are consequences.
      this.#error ??= error;
      if (error.level !== 'client-authentication') timer ??= setTimeout(() => socket.destroy(), CLOSE_LIMIT_MS);
    });
    socket.onBytes = () => this.#checkChannels();
    this.#closed = new Promise((resolve) => {
      client.on('close', () => {
        clearTimeout(timer);
        const own = this.#error ? lossReason(this.#error, keepAlive) : 'the host closed it';
        this.#lostBecause = jumpLostBecause?.() ?? own;
        this.#pending.failAll(this.#lostBecause);
        resolve();
      });
    });
  }

  /**
   * Connects, checks the host's key and logs in. One attempt.
   * @throws {ConnectError}
   * @throws the reason of the signal
   */
  static async connect(options: ConnectOptions): Promise<SshConnection> {
    const { host, destination, isJump, timeoutMs, authentication, signal } = options;
    signal?.throwIfAborted();
    let stage: ConnectStage = 'connecting';
    let hostKey: HostKeyAnswer | undefined;
    let socket: HostSocket | undefined;
    let connection: SshConnection | undefined;
    let forget = (): void => undefined;
    let timedOut: Error | undefined;
    const timer = setTimeout(() => {
      timedOut = Object.assign(new Error('no answer'), { level: 'client-timeout' });
      // Without the error, since ssh2 would change its level.
      socket?.destroy();
    }, timeoutMs);
    try {
      const [stream, [{ default: SSH2Promise }, { default: ssh2 }]] = await Promise.all([
        options.stream ?? connectTcp(destination, timeoutMs, signal),
        loadLibraries(),
      ]);
      const opened = new HostSocket(stream);
      socket = opened;
      if (timedOut) throw timedOut;
      signal?.throwIfAborted();
      forget = onAbort(signal, () => opened.destroy());
      stage = 'handshake';
      const keyAnswer = new HostKeyAnswer(options.hostKey, opened, () => {
        if (connection) connection.#error ??= new Error('its host key has changed');
      });
      hostKey = keyAnswer;
      const ssh = new SSH2Promise.SSH({
        ...config(options),
        sock: opened,
        // Disabled: the timeout here includes connecting.
        readyTimeout: 0,
        reconnect: false,
        authHandler: authentication.handler({
          ssh2,
          timeoutMs: timeoutMs / 2,
          isOver: () => opened.destroyed,
          onBroken: (error) => opened.destroy(asError(error)),
        }),
        hostVerifier: (key: Buffer, verified: (trusted: boolean) => void) => keyAnswer.give(key, verified),
      }) as unknown as PromisedConnection;
      const ready = ssh.connect();
      const client = ssh.sshConnection;
      // Its own handlers ask on the terminal, and open connections for the host.
      client.removeAllListeners('keyboard-interactive');
      client.removeAllListeners('x11');
      shortenExchange(client);
      client.on('banner', (message) => authentication.hear(message));
      client.on('handshake', () => {
        stage = 'authentication';
        if (keyAnswer.trust === 'no password') authentication.withholdPassword();
        opened.forgetOpening();
      });
      connection = new SshConnection(ssh, opened, keyAnswer, options);
      await ready;
      return connection;
    } catch (error) {
      socket?.destroy();
      options.stream?.destroy();
      signal?.throwIfAborted();
      if (hostKey?.problem) throw new ConnectError({ error: hostKey.problem, retry: false });
      const cause = timedOut ?? (connection ? (connection.#error ?? error) : error);
      const disagreed = socket && disagreement(socket.opening, options.algorithms);
      const failed = { host, destination, isJump, stage, timeoutMs, authentication, disagreed };
      throw new ConnectError(connectFailure(failed, cause));
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  /** What the host may be sent. */
  get trust(): Trust {
    return this.#hostKey.trust;
  }

  /** Why the connection has ended; undefined while it is open. */
  get lostBecause(): string | undefined {
    return this.#lostBecause;
  }

  /**
   * Starts a command line in the user's login shell on the host.
   * @throws {Error} if the host does not start it, or does not confirm in time
   */
  async spawn(command: string): Promise<HostProcess> {
    const channel = this.#adopt(await this.#pending.wait(this.#ssh.spawn(command), abandon));
    const ended = new Promise<ProcessEnd>((resolve) => {
      // ssh2 closes channels of a lost connection as if their process had ended, but without an exit status.
      channel.on('close', (code?: number | null, signal?: string) => {
        if (typeof code === 'number') resolve({ kind: 'exited', code });
        else if (signal) resolve({ kind: 'signalled', signal });
        else resolve({ kind: 'lost', reason: this.#lostBecause ?? 'the host closed the channel' });
      });
    });
    return { stdin: channel, stdout: channel, stderr: channel.stderr, ended, abandon: () => abandon(channel) };
  }

  /**
   * A TCP connection made by the host.
   * @throws {DialError}
   */
  async forward(address: string, port: number): Promise<Duplex> {
    try {
      const opening = this.#ssh.forwardOut('127.0.0.1', 0, address, port);
      return this.#adopt(await this.#pending.wait(opening, abandon));
    } catch (error) {
      const { reason } = error as { readonly reason?: unknown };
      if (CHANNEL_FORBIDDEN.includes(reason)) throw new DialError('forbidden', 'sshd forbids forwarding');
      if (reason === CONNECT_FAILED) throw new DialError('refused', 'connection refused');
      throw new DialError('closed', reasonOf(error));
    }
  }

  async close(): Promise<void> {
    this.#client.end();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_LIMIT_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  #adopt(channel: ClientChannel): ClientChannel {
    this.#channels.add(channel);
    channel.on('close', () => this.#channels.delete(channel));
    // Errors of a channel show in the end of its process or connection.
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    return channel;
  }

  /** Ends the connection to a host that sends more than ssh2 allows: ssh2 would buffer all of it. */
  #checkChannels(): void {
    for (const channel of this.#channels) {
      if (channel.readableLength + channel.stderr.readableLength <= MAX_CHANNEL_BYTES) continue;
      this.#socket.destroy(new Error('the host sent more than it was allowed to'));
    }
  }
}

/** Why an open connection was lost. */
function lossReason(
  error: Error & { readonly level?: string },
  { intervalMs, count }: SshSettings['keepAlive'],
): string {
  if (error.level === 'client-timeout') return `no answer for ${(intervalMs * (count + 1)) / 1_000} s`;
  return systemErrorCode(error) === 'ECONNRESET' ? 'it was reset' : reasonOf(error);
}

/** Requests the end of a channel that is no longer needed. */
function abandon(channel: ClientChannel): void {
  channel.signal('KILL');
  channel.close();
}

/** The part of ssh2-promise's SSHConnection that is used; its own types hide the client and contain `any`. */
interface PromisedConnection {
  readonly sshConnection: Client;
  connect(): Promise<unknown>;
  spawn(command: string): Promise<ClientChannel>;
  forwardOut(sourceAddress: string, sourcePort: number, address: string, port: number): Promise<ClientChannel>;
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
