import type { Output } from '../../../src/report/reporter.ts';

const ESCAPE = '\u001b';
const MAX_SEQUENCE = 16;
const SEQUENCE = /^\p{Cc}\[(\??)([\d;]*)([A-Za-z])/u;

/**
 * A terminal of a fixed size that keeps what has scrolled away. It understands what the tree reporter writes, as xterm does:
 * a full line leaves the cursor on its last column until something else is written.
 */
export class FakeTerminal implements Output {
  readonly isTTY = true;
  columns: number;
  rows: number;
  writes = 0;
  isCursorShown = true;
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns = 80, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.writes += 1;
    for (let at = 0; at < text.length; ) {
      const sequence = text[at] === ESCAPE ? SEQUENCE.exec(text.slice(at, at + MAX_SEQUENCE)) : null;
      if (sequence) {
        this.#obey(sequence[3] ?? '', sequence[2] ?? '', sequence[1] === '?');
        at += sequence[0].length;
      } else {
        const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
        this.#print(character);
        at += character.length;
      }
    }
  }

  /** Everything that has been written, what has scrolled away included. */
  get text(): string {
    return this.#lines
      .map((line) =>
        Array.from(line, (cell) => cell ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd();
  }

  /** What can be seen. */
  get screen(): string {
    return this.text.split('\n').slice(-this.rows).join('\n');
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  #print(character: string): void {
    if (character === '\n') {
      this.#newLine();
      this.#column = 0;
    } else if (character === '\r') this.#column = 0;
    else {
      if (this.#column >= this.columns) {
        this.#newLine();
        this.#column = 0;
      }
      const line = this.#line();
      line[this.#column] = character;
      this.#column += 1;
    }
  }

  #newLine(): void {
    this.#row += 1;
    while (this.#lines.length <= this.#row) this.#lines.push([]);
  }

  #line(): string[] {
    const line = this.#lines[this.#row];
    if (!line) throw new Error('the cursor is outside of the terminal');
    return line;
  }

  #obey(command: string, parameters: string, isPrivate: boolean): void {
    const number = Number(parameters === '' ? 1 : parameters);
    if (isPrivate && parameters === '25') this.isCursorShown = command === 'h';
    else if (command === 'A') this.#row = Math.max(this.#lines.length - this.rows, 0, this.#row - number);
    else if (command === 'K')
      this.#line().length = Math.min(this.#line().length, Math.min(this.#column, this.columns - 1));
    else if (command === 'J') {
      this.#line().length = Math.min(this.#line().length, this.#column);
      this.#lines.length = this.#row + 1;
    } else if (command !== 'm') throw new Error(`the terminal does not know the sequence ${command}`);
  }
}
