import { Duplex } from 'node:stream';

/** A stream that passes everything through unchanged and shows what it reads to somebody else first. */
export class TappedStream extends Duplex {
  readonly #inner: Duplex;

  constructor(inner: Duplex, tap: (bytes: Buffer) => void) {
    super();
    this.#inner = inner;
    inner.on('data', (bytes: Buffer) => {
      tap(bytes);
      if (!this.push(bytes)) inner.pause();
    });
    inner.once('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(bytes: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#inner.write(bytes, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }
}
