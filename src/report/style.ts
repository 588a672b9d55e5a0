import picocolors from 'picocolors';
import { escapeControls } from './escape.ts';
import { cut } from './width.ts';

/** How text may look. */
export interface StyleOptions {
  /** Whether colour is used; it never carries anything that the text does not say. */
  readonly colors: boolean;
  /** False for a stream that does not take Unicode: everything kplay itself writes is then ASCII. Default true. */
  readonly unicode?: boolean;
}

/** How a text that is laid out for a screen may look. */
export interface TextOptions extends StyleOptions {
  /** Columns; `Infinity` for a file or a pipe. */
  readonly width: number;
}

type Colors = ReturnType<typeof picocolors.createColors>;
type Marks = typeof UNICODE;

/** Everything that turns data into printable text. */
export interface Style {
  readonly colors: Colors;
  readonly marks: Marks;
  /** Text from anywhere, made printable on one line. */
  text(raw: string): string;
  /** At most `width` columns of a printable text. */
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

/** What kplay's own sentences use beyond ASCII. */
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

/** Written out, because a build is read byte by byte. */
const BEYOND_ASCII = /[\u2026\u2192\u00b7\u203a\u2013\u2014]/g;

function transliterate(text: string): string {
  return text.replace(BEYOND_ASCII, (character) => TRANSLITERATED.get(character) ?? character);
}
