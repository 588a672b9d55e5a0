import picocolors from 'picocolors';
import { escapeControls } from './escape.ts';
import { cut } from './width.ts';

/** How text may look. */
export interface StyleOptions {
  /** Whether colour is used; it never carries information that the text does not. */
  readonly colors: boolean;
  /** False for a stream without Unicode: everything that kplay itself writes is then ASCII. Default true. */
  readonly unicode?: boolean;
}

/** The format of text laid out for a screen. */
export interface TextOptions extends StyleOptions {
  /** Columns; `Infinity` for a file or a pipe. */
  readonly width: number;
}

type Colors = ReturnType<typeof picocolors.createColors>;
type Marks = typeof UNICODE;

/** Converts data to printable text. */
export interface Style {
  readonly colors: Colors;
  readonly marks: Marks;
  /** Makes text from anywhere printable on one line. */
  text(raw: string): string;
  /** Shortens a printable text to `width` columns. */
  cut(text: string, width: number): string;
}

const UNICODE = {
  done: '✔',
  failed: '✖',
  undone: '↺',
  waiting: '◼',
  skipped: '-',
  warning: '!',
  into: '›',
  dot: '·',
  arrow: '→',
  ellipsis: '…',
  corner: '┌─',
  bar: '│',
  spinner: '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏',
};

const ASCII: Marks = {
  done: '+',
  failed: 'x',
  undone: '<',
  waiting: '.',
  skipped: '-',
  warning: '!',
  into: '>',
  dot: '-',
  arrow: '->',
  ellipsis: '...',
  corner: '-->',
  bar: '|',
  spinner: '|/-\\',
};

/** The characters beyond ASCII in kplay's own texts. */
const TRANSLITERATED: ReadonlyMap<string, string> = new Map([
  ['…', ASCII.ellipsis],
  ['→', ASCII.arrow],
  ['·', ASCII.dot],
  ['›', ASCII.into],
  ['–', '-'],
  ['—', '-'],
]);

export function createStyle({ colors, unicode = true }: StyleOptions): Style {
  const marks = unicode ? UNICODE : ASCII;
  return {
    colors: picocolors.createColors(colors),
    marks,
    text: unicode ? escapeControls : (raw) => escapeControls(transliterate(raw)),
    cut: (text, width) => cut(text, width, marks.ellipsis),
  };
}

/** Escaped, because builds are read byte by byte. */
const BEYOND_ASCII = /[\u2026\u2192\u00b7\u203a\u2013\u2014]/g;

function transliterate(text: string): string {
  return text.replace(BEYOND_ASCII, (character) => TRANSLITERATED.get(character) ?? character);
}
