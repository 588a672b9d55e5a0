import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { asError } from '../../core/system-error.ts';
import { onAbort } from '../abort.ts';
import { addressTimeMs } from '../dial/address-time.ts';
import type { SshDestination } from '../settings/settings.ts';

/**
 * While more than this waits to be sent, reading stops, so that a host that keeps asking without reading the answers cannot
 * fill the memory. With a correct sshd a client never gets this far ahead.
 */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** Limit on the unencrypted beginning that is kept: enough for the host's version and algorithms. */
const MAX_OPENING_BYTES = 16 * 1024;

/**
 * The stream between ssh2 and a host: a TCP socket or a channel of a jump host. It never throws, whatever the inner stream does,
 * and emits `close` once it is destroyed, while a channel waits for the jump host's agreement. Writes of one turn are sent
 * together, because ssh2 writes each packet in three pieces.
 */
export class HostSocket extends Duplex {
  readonly #inner: Duplex;
  /** Called for each chunk from the host, before it is passed on. */
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
    // It tells only once, perhaps before this was made.
    if (inner.destroyed) this.destroy(inner.errored ?? undefined);
  }

  /** The first bytes from the host; empty once they are no longer needed. */
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
    // The conversation is over: waiting for the host to agree would take another round trip.
    this.#guarded(() => this.#inner.end(() => this.destroy()));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    try {
      this.#inner.destroy();
    } catch {
      // A channel of a broken connection cannot confirm its end; nobody waits for it.
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
      this.destroy(asError(error));
    }
  }
}

/**
 * Connects by TCP.
 * @throws the system's error, with its `code`; with the `level` `client-timeout` after a timeout
 * @throws the reason of the signal
 */
export async function connectTcp(
  destination: SshDestination,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Socket> {
  const socket = connect({
    host: destination.address,
    port: destination.port,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: addressTimeMs(timeoutMs),
  });
  const giveUp = (): void => void socket.destroy(Object.assign(new Error('no answer'), { level: 'client-timeout' }));
  const timer = setTimeout(giveUp, timeoutMs);
  const forget = onAbort(signal, giveUp);
  try {
    // The error listener stays: the new owner of the socket adds its own a little later.
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
