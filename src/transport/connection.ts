import type { Duplex } from 'node:stream';
import type { Client, ClientChannel, ConnectConfig } from 'ssh2';
import type { UnreachableError } from '../core/session.ts';
import { onAbort } from './abort.ts';
import type { Authentication } from './authentication.ts';
import { type ConnectFailure, type ConnectStage, connectFailure } from './connection-error.ts';
import type { HostKeyCheck } from './host-keys.ts';
import { DialError, type HostProcess, type ProcessEnd } from './link.ts';
import { reasonOf } from './network-error.ts';
import type { Endpoint, SshSettings } from './settings.ts';
import { shortenExchange } from './ssh2-protocol.ts';

interface ConnectOptions {
  /** Whom to name in errors. */
  readonly host: string;
  readonly endpoint: Endpoint;
  /** The way through a jump host; absent: TCP from the controller. */
  readonly stream: Duplex | undefined;
  readonly hostKey: HostKeyCheck;
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

/** Host keys that ssh2 can check, as signature algorithms, in its order. */
const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

/** Reasons of a refused channel (RFC 4254, section 5.1) that say: not with me. */
const CHANNEL_FORBIDDEN: readonly unknown[] = [1, 3];

/** How long the other side may take to close its end. */
const CLOSE_LIMIT_MS = 1_000;

/**
 * One SSH connection: ssh2-promise without its habits. No reconnecting (it would hide that a host was lost), no cache of
 * connections, no prompts on the terminal, no `exec` (which takes a lost connection for success).
 */
export class SshConnection {
  readonly #ssh: PromisedConnection;
  readonly #client: Client;
  readonly #closed: Promise<void>;
  #error: Error | undefined;
  #lostBecause: string | undefined;

  private constructor(ssh: PromisedConnection, client: Client) {
    this.#ssh = ssh;
    this.#client = client;
    let timer: NodeJS.Timeout | undefined;
    client.on('error', (error: Error & { readonly level?: string }) => {
      // An agent that fails is no error of the connection.
      if (error.level === 'agent') return;
      // The first is the cause; what follows tells of its consequences.
      this.#error ??= error;
      if (error.level !== 'client-authentication') timer ??= setTimeout(destroySocket, CLOSE_LIMIT_MS, client);
    });
    this.#closed = new Promise((resolve) => {
      client.on('close', () => {
        clearTimeout(timer);
        this.#lostBecause = this.#error ? reasonOf(this.#error) : 'the host closed it';
        resolve();
      });
    });
  }

  /**
   * Connects, checks the host's key and logs in. One attempt.
   * @throws {ConnectError}
   * @throws the reason of the signal.
   */
  static async connect(options: ConnectOptions): Promise<SshConnection> {
    const { default: SSH2Promise } = await import('ssh2-promise');
    options.signal?.throwIfAborted();
    let stage: ConnectStage = options.stream ? 'handshake' : 'connecting';
    let keyProblem: UnreachableError | undefined;
    const ssh = new SSH2Promise.SSH({
      ...config(options),
      reconnect: false,
      hostVerifier: (key: Buffer, verified: (trusted: boolean) => void) => {
        options.hostKey.verify(key).then(
          () => verified(true),
          (error: unknown) => {
            keyProblem = error as UnreachableError;
            verified(false);
          },
        );
      },
    }) as unknown as PromisedConnection;
    const ready = ssh.connect();
    const client = ssh.sshConnection;
    // Its own handler asks on the terminal. Ours is in the authentication.
    client.removeAllListeners('keyboard-interactive');
    client.setNoDelay(true);
    shortenExchange(client);
    client.on('connect', () => {
      stage = 'handshake';
    });
    client.on('handshake', () => {
      stage = 'authentication';
    });
    const connection = new SshConnection(ssh, client);
    const forget = onAbort(options.signal, () => destroySocket(client));
    try {
      await ready;
    } catch (error) {
      options.signal?.throwIfAborted();
      const { host, endpoint, timeoutMs, authentication } = options;
      if (keyProblem) throw new ConnectError({ error: keyProblem, retry: false });
      const cause = connection.#error ?? error;
      throw new ConnectError(connectFailure(host, endpoint, cause, stage, timeoutMs, authentication));
    } finally {
      forget();
    }
    return connection;
  }

  /** Why it is no more; undefined while it is. */
  get lostBecause(): string | undefined {
    return this.#lostBecause;
  }

  /** Starts a command line by the user's login shell on the host. */
  async spawn(command: string): Promise<HostProcess> {
    const channel = await this.#ssh.spawn(command);
    const ended = new Promise<ProcessEnd>((resolve) => {
      // ssh2 closes channels of a lost connection as if their process had ended, only without telling how.
      channel.on('close', (code?: number | null, signal?: string) => {
        if (typeof code === 'number') resolve({ kind: 'exited', code });
        else if (signal) resolve({ kind: 'signalled', signal });
        else resolve({ kind: 'lost', reason: this.#lostBecause ?? 'the host closed the channel' });
      });
    });
    return {
      stdin: channel,
      stdout: channel,
      stderr: channel.stderr,
      ended,
      abandon: () => {
        channel.signal('KILL');
        channel.close();
      },
    };
  }

  /**
   * A TCP connection made by the host.
   * @throws {DialError}
   */
  async forward(address: string, port: number): Promise<Duplex> {
    try {
      return await this.#ssh.forwardOut('127.0.0.1', 0, address, port);
    } catch (error) {
      const { reason } = error as { readonly reason?: unknown };
      if (CHANNEL_FORBIDDEN.includes(reason)) throw new DialError('forbidden', 'sshd forbids forwarding');
      throw new DialError('closed', reason === 2 ? 'connection refused' : reasonOf(error));
    }
  }

  async close(): Promise<void> {
    this.#client.end();
    const timer = setTimeout(destroySocket, CLOSE_LIMIT_MS, this.#client);
    await this.#closed;
    clearTimeout(timer);
  }
}

/** ssh2's own `destroy` does nothing any more when it has said goodbye, and a dead peer never answers that. */
function destroySocket(client: Client): void {
  (client as unknown as { readonly _sock?: Duplex })._sock?.destroy();
}

/** The part of ssh2-promise's SSHConnection that is used; its own types hide the client and are `any` in places. */
interface PromisedConnection {
  readonly sshConnection: Client;
  connect(): Promise<unknown>;
  spawn(command: string): Promise<ClientChannel>;
  forwardOut(sourceAddress: string, sourcePort: number, address: string, port: number): Promise<ClientChannel>;
}

function config({ endpoint, stream, hostKey, authentication, timeoutMs, keepAlive }: ConnectOptions): ConnectConfig {
  return {
    host: endpoint.address,
    port: endpoint.port,
    username: endpoint.user,
    ...(stream && { sock: stream }),
    authHandler: authentication.handler,
    readyTimeout: timeoutMs,
    keepaliveInterval: keepAlive.intervalMs,
    keepaliveCountMax: keepAlive.count,
    ...(hostKey.knownTypes.length > 0 && { algorithms: { serverHostKey: hostKeyAlgorithms(hostKey.knownTypes) } }),
  };
}

/** All algorithms, those first for which a key is known: else the host may show a key that we do not have. */
function hostKeyAlgorithms(knownTypes: readonly string[]): (typeof HOST_KEY_ALGORITHMS)[number][] {
  const isKnown = (algorithm: string): boolean => knownTypes.includes(algorithm.replace(/^rsa-sha2-.*/, 'ssh-rsa'));
  return [
    ...HOST_KEY_ALGORITHMS.filter((algorithm) => isKnown(algorithm)),
    ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm)),
  ];
}
