/** A text written by the user, with positions in it. */
export class SourceFile {
  /** As the user named it. */
  readonly path: string;
  readonly text: string;
  /** Printed in front of every position: the path, unless that means nothing to the user. */
  readonly shown: string;
  readonly #lineStarts: readonly number[];

  constructor(path: string, text: string, shown = path) {
    this.path = path;
    this.text = text;
    this.shown = shown;
    const starts = [0];
    for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) starts.push(index + 1);
    this.#lineStarts = starts;
  }

  /** Line and column of an offset, both counted from 1. Offsets outside the text are clamped. */
  position(offset: number): { readonly line: number; readonly column: number } {
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (this.#lineStarts[low] ?? 0) + 1 };
  }

  /** The text of a line (counted from 1) without its end of line. */
  line(line: number): string {
    const start = this.#lineStarts[line - 1];
    if (start === undefined) return '';
    const next = this.#lineStarts[line];
    return this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, '');
  }

  range(start: number, end: number): SourceRange {
    return { file: this, start, end };
  }
}

/** A half-open range `[start, end)` of a source file, in UTF-16 code units. */
export interface SourceRange {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/**
 * All of a text that the user gave elsewhere than in a file, such as the value of an option.
 * @param name stands where the path of a file would: `--limit`
 */
export function rangeOfArgument(name: string, text: string): SourceRange {
  return new SourceFile(name, text).range(0, text.length);
}

/** A place in a file, as plain data. */
export interface SourcePosition {
  /** As the user named it, or relative to the file that names it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** Where a range begins. */
export function positionOf({ file, start }: SourceRange): SourcePosition {
  return { file: file.shown, ...file.position(start) };
}

/** `file:line:column` of where a range begins: what an editor jumps to. */
export function formatPosition(range: SourceRange): string {
  const { file, line, column } = positionOf(range);
  return `${file}:${line}:${column}`;
}

/** A value together with its position in the source. */
export interface Located<T> {
  readonly value: T;
  readonly range: SourceRange;
}
