import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { onAbort } from '../abort.ts';
import type { Endpoint } from '../settings/settings.ts';

/**
 * As long as more than this waits to be sent, nothing more is read: a host that asks for ever more answers and reads none
 * cannot fill the memory. An sshd that keeps the rules never lets a client get this far ahead of it.
 */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** What a host says before anything is encrypted, as far as it is kept: enough for its version and its algorithms. */
const MAX_OPENING_BYTES = 16 * 1024;

/**
 * The stream between ssh2 and a host, be it a TCP socket or a channel of a jump host. Whatever the stream below does, this one
 * never throws, and emits `close` once it is destroyed: a channel waits for the jump host to agree. What is written before the
 * program waits for something again goes out together; ssh2 writes each packet in three pieces.
 */
export class HostSocket extends Duplex {
  readonly #inner: Duplex;
  /** Called for each piece that comes from the host, before it is passed on. */
  onBytes: () => void = () => undefined;
  #unsent: Buffer[] = [];
  #isCongested = false;
  #opening: Buffer[] | undefined = [];

  constructor(inner: Duplex) {
    super({ allowHalfOpen: false });
    this.#inner = inner;
    inner.on('data', (bytes: Buffer) => this.#receive(bytes));
    inner.on('end', () => this.push(null));
    inner.on('drain', () => this.#drained());
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
  }

  /** The first bytes that the host has sent; empty once they are of no more use. */
  get opening(): Buffer {
    return Buffer.concat(this.#opening ?? []);
  }

  forgetOpening(): void {
    this.#opening = undefined;
  }

  override _read(): void {
    if (!this.#isCongested) this.#inner.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#unsent.push(bytes);
    if (this.#unsent.length === 1) queueMicrotask(() => this.#send());
    done();
  }

  override _final(done: () => void): void {
    this.#send();
    // All has been said and nothing more is asked: for the host to agree would take another round trip.
    this.#guarded(() => this.#inner.end(() => this.destroy()));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    try {
      this.#inner.destroy();
    } catch {
      // A channel whose connection is broken cannot say that it is closed; nobody waits for it.
    }
    done(error);
  }

  #receive(bytes: Buffer): void {
    if (this.destroyed) return;
    if (this.#opening) {
      this.#opening.push(bytes);
      if (this.opening.length > MAX_OPENING_BYTES) this.#opening = undefined;
    }
    this.onBytes();
    if (!this.push(bytes) || this.#isCongested) this.#inner.pause();
  }

  #send(): void {
    if (this.#unsent.length === 0 || this.destroyed) return;
    const bytes = Buffer.concat(this.#unsent);
    this.#unsent = [];
    this.#guarded(() => {
      if (this.#inner.write(bytes) || this.#inner.writableLength <= MAX_UNSENT_BYTES) return;
      this.#isCongested = true;
      this.#inner.pause();
    });
  }

  #drained(): void {
    if (!this.#isCongested) return;
    this.#isCongested = false;
    this.#inner.resume();
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/**
 * Connects by TCP.
 * @throws what the system says, with its `code`; with the `level` `client-timeout` when nobody answers in time.
 * @throws the reason of the signal.
 */
export async function connectTcp(endpoint: Endpoint, timeoutMs: number, signal?: AbortSignal): Promise<Socket> {
  const socket = connect({ host: endpoint.address, port: endpoint.port, noDelay: true });
  const giveUp = (): void => void socket.destroy(Object.assign(new Error('no answer'), { level: 'client-timeout' }));
  const timer = setTimeout(giveUp, timeoutMs);
  const forget = onAbort(signal, giveUp);
  try {
    // The listener for errors stays: whoever takes the socket over adds one of his own a little later.
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.once('connect', resolve);
    });
    return socket;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    forget();
  }
}
