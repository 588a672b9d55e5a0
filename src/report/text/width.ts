/**
 * The display width of texts on a terminal, and shortening, padding and wrapping by columns. Colours (SGR sequences) have no width; other
 * control characters must have been escaped before.
 */

import { RUN_ID } from '../../core/run-id.ts';

/** Fast path: Latin, dashes and quotes, arrows, boxes, and kplay's own marks, of which nearly every text consists. */
const NARROW = /^[ -\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u25fc\u2714\u2716\u2800-\u28ff]*$/;

// The expressions that ask for properties of Unicode stand in functions: V8 takes a millisecond at each start to make them ready.

/** Characters and colours. */
function piecesOf(text: string): Iterable<RegExpExecArray> {
  return text.matchAll(/\p{Cc}\[[\d;]*m|./gsu);
}

function isColour(piece: string): boolean {
  return /^\p{Cc}\[/u.test(piece);
}

function pieceWidth(piece: string): number {
  if (NARROW.test(piece)) return 1;
  if (isColour(piece) || /^[\p{Mn}\p{Me}]/u.test(piece)) return 0;
  return isWide(piece) ? 2 : 1;
}

function isWide(piece: string): boolean {
  const wide =
    /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303e\u30fb\u30fc\uff01-\uff60\uffe0-\uffe6])/u;
  return wide.test(piece) && !/^[\uff61-\uffdc\uffe8-\uffee]/.test(piece);
}

/** The display width of a text. */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  const bare = text.replace(/\p{Cc}\[[\d;]*m/gu, '');
  if (NARROW.test(bare)) return bare.length;
  let width = 0;
  for (const [piece] of piecesOf(text)) width += pieceWidth(piece);
  return width;
}

/** Shortens a text to `width` columns with `ellipsis` at its end. Colours are closed. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - displayWidth(ellipsis));
  let kept = '';
  let used = 0;
  let full = false;
  for (const [piece] of piecesOf(text)) {
    const size = pieceWidth(piece);
    if (!full && used + size > room) {
      full = true;
      if (width >= displayWidth(ellipsis)) kept += ellipsis;
    }
    if (full && !isColour(piece)) continue;
    kept += piece;
    used += size;
  }
  return kept;
}

/** The same with the ellipsis in the middle: many names differ only at their ends. For texts without colours. */
export function cutMiddle(text: string, width: number, ellipsis = '…'): string {
  const room = width - displayWidth(ellipsis);
  if (displayWidth(text) <= width || room < 2) return cut(text, width, ellipsis);
  const pieces = [...piecesOf(text)].map(([piece]) => piece);
  const tail: string[] = [];
  for (let left = Math.floor(room / 2); ; ) {
    const piece = pieces[pieces.length - 1 - tail.length] ?? '';
    left -= pieceWidth(piece);
    if (left < 0) break;
    tail.unshift(piece);
  }
  const end = tail.join('');
  return `${cut(text, room - displayWidth(end), '')}${ellipsis}${end}`;
}

/** The text with spaces after it, up to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** The widest of the texts, in columns. */
export function widest(texts: Iterable<string>): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, displayWidth(text));
  return width;
}

const WHOLE = new RegExp(String.raw`^\W*${RUN_ID}\W*$`);
/** An id with signs around it is not longer. */
const MAX_WHOLE = 64;

function isWhole(word: string): boolean {
  return word.length <= MAX_WHOLE && WHOLE.test(word);
}

/**
 * Wraps a text at words so that no line is wider than `width`; a wider word is broken, but not the id of a run, which is copied.
 * The spaces that a text begins with are kept where its first word fits behind them.
 * @param later the width of lines after the first.
 */
export function wrap(text: string, width: number, later = width): readonly string[] {
  const lines: string[] = [];
  const room = (): number => Math.max(1, lines.length === 0 ? width : later);
  let line = '';
  // Every character is measured once: a host may send a megabyte as one word, or as one line.
  let used = 0;
  for (const word of wordsOf(text, width)) {
    const wordWidth = displayWidth(word);
    if (line !== '' && used + 1 + wordWidth <= room()) {
      line += ` ${word}`;
      used += 1 + wordWidth;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    used = wordWidth;
    while (used > room() && !isWhole(line)) {
      const broken = line.slice(0, breakAt(line, room()));
      lines.push(broken);
      line = line.slice(broken.length);
      used -= displayWidth(broken);
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

function wordsOf(text: string, width: number): readonly string[] {
  const [indent = ''] = /^ */.exec(text) ?? [];
  const [first = '', ...others] = text.slice(indent.length).split(' ');
  const isIndented = first !== '' && indent.length + displayWidth(first) <= width;
  return [isIndented ? `${indent}${first}` : first, ...others];
}

/** How much of a word fits, at least one character: a wide character in a single column would never end. */
function breakAt(word: string, room: number): number {
  if (NARROW.test(word.slice(0, room + 1))) return room;
  let [at, used] = [0, 0];
  for (const [piece] of piecesOf(word)) {
    const size = pieceWidth(piece);
    if (size > 0 && used > 0 && used + size > room) break;
    at += piece.length;
    used += size;
  }
  return at;
}

/** With less room beside its prefix, a text would be a column of letters; beside one that is longer than that, a column of single words. */
const MIN_ROOM = 12;
const MIN_ROOM_BESIDE_LONGER = 24;

/** A text after a prefix, with hanging indent; in a very narrow terminal by two columns, and without the room that aligns the text. */
export function hang(prefix: string, text: string, width: number): readonly string[] {
  const indent = displayWidth(prefix);
  const room = width - indent;
  const isCrowded = room < indent && room < MIN_ROOM_BESIDE_LONGER && displayWidth(text) > room;
  if ((room < MIN_ROOM && indent > 2) || isCrowded) {
    const [start] = /^ */.exec(prefix) ?? [''];
    const whole = prefix.slice(start.length).replace(/ {3,}$/, '  ') + text;
    return indentRest(whole, '  ', width - start.length).map((line) => start + line);
  }
  return wrap(text, room).map((line, index) => (index === 0 ? prefix : ' '.repeat(indent)) + line);
}

/** A text with all lines but the first indented. */
export function indentRest(text: string, indent: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(text, width, width - displayWidth(indent));
  return [first, ...rest.map((line) => indent + line)];
}

/** Puts clauses side by side, three spaces apart, on as many lines as needed. */
export function flow(clauses: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const clause of clauses.filter((text) => text !== '')) {
    const last = lines.at(-1);
    const joined = `${last}   ${clause}`;
    if (last !== undefined && displayWidth(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(...wrap(clause, width));
  }
  return lines.map((line) => line.trimEnd());
}
