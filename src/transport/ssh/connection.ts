import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { systemErrorCode } from '../../core/system-error.ts';
import { DialError, type HostProcess, type ProcessEnd } from '../link.ts';
import { reasonOf } from '../network-error.ts';
import type { SshSettings } from '../settings/settings.ts';
import type { Authentication } from './authentication.ts';
import type { HostKeyAnswer } from './host-key-answer.ts';
import type { Trust } from './host-keys.ts';
import type { HostSocket } from './host-socket.ts';
import { PendingAnswers } from './pending-answers.ts';

/** How an open connection behaves. */
interface ConnectionOptions {
  readonly authentication: Authentication;
  /** For the host's answer to a request for a channel. */
  readonly timeoutMs: number;
  readonly keepAlive: SshSettings['keepAlive'];
  /** Why the jump host was lost; absent: there is none. */
  readonly jumpLostBecause: (() => string | undefined) | undefined;
}

/** Reasons of a refused channel (RFC 4254, section 5.1) that mean that forwarding is not allowed. */
const CHANNEL_FORBIDDEN: readonly unknown[] = [1, 3];
/** And that the host could not connect. */
const CONNECT_FAILED = 2;

/** How long the other side may take to close its end. */
const CLOSE_LIMIT_MS = 1_000;

/** A channel holds no more than ssh2 allows the host to send (2 MiB per stream); more means a protocol violation. */
const MAX_CHANNEL_BYTES = 8 * 1024 * 1024;

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

  constructor(
    ssh: PromisedConnection,
    socket: HostSocket,
    hostKey: HostKeyAnswer,
    { authentication, timeoutMs, keepAlive, jumpLostBecause }: ConnectionOptions,
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
      this.noteError(error);
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

  /** The first error of the connection: later ones are its consequences. */
  get error(): Error | undefined {
    return this.#error;
  }

  noteError(error: Error): void {
    this.#error ??= error;
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
export interface PromisedConnection {
  readonly sshConnection: Client;
  connect(): Promise<unknown>;
  spawn(command: string): Promise<ClientChannel>;
  forwardOut(sourceAddress: string, sourcePort: number, address: string, port: number): Promise<ClientChannel>;
}
