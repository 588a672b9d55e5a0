import { Duplex } from 'node:stream';

/** A stream that passes everything through unchanged, and first shows its reads and writes to observers. */
export class TappedStream extends Duplex {
  readonly #inner: Duplex;
  readonly #tapWritten: (bytes: Buffer) => void;

  constructor(inner: Duplex, tapRead: (bytes: Buffer) => void, tapWritten: (bytes: Buffer) => void) {
    super();
    this.#inner = inner;
    this.#tapWritten = tapWritten;
    inner.on('data', (bytes: Buffer) => {
      tapRead(bytes);
      if (!this.push(bytes)) inner.pause();
    });
    inner.once('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(bytes: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#tapWritten(bytes);
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
