import { PassThrough, Writable } from 'node:stream';

/** What was written to a stream of a fake process. */
export class MemoryOutput extends Writable {
  /** Called with what is written, as it is written. */
  onText: (text: string) => void = () => undefined;
  #text = '';

  get text(): string {
    return this.#text;
  }

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.#text += chunk.toString();
    this.onText(chunk.toString());
    done();
  }
}

/** The same as a terminal. */
export class MemoryTerminal extends MemoryOutput {
  readonly isTTY = true;
  readonly columns: number;

  constructor(columns = 120) {
    super();
    this.columns = columns;
  }
}

/** A standard input: a terminal on which these lines are typed, or, without them, none. */
export function typed(lines?: readonly string[]): PassThrough {
  const input = new PassThrough();
  if (lines) {
    Object.assign(input, { isTTY: true, setRawMode: () => input });
    for (const line of lines) input.write(`${line}\n`);
  } else input.end();
  return input;
}
