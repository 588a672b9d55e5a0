import { PYTHON_ESCAPES } from '../core/python-escapes.ts';

/** A token of Python source, and the offset after it. */
export interface PythonToken<Value> {
  readonly value: Value;
  readonly end: number;
}

const DIGITS = '[0-9](?:_?[0-9])*';
const EXPONENT = `[eE][+-]?${DIGITS}`;
const NUMBER = new RegExp(
  [
    `(?<float>(?:${DIGITS})?\\.${DIGITS}(?:${EXPONENT})?|${DIGITS}\\.(?:${EXPONENT})?|${DIGITS}${EXPONENT})`,
    '(?<integer>0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?[0-9])*|0(?:_?0)*)',
  ].join('|'),
  'y',
);

/** The number at an offset; undefined if there is none or JSON cannot represent it. */
export function readPythonNumber(text: string, at: number): PythonToken<number> | undefined {
  NUMBER.lastIndex = at;
  const match = NUMBER.exec(text);
  if (!match || /[\w.]/.test(text.charAt(NUMBER.lastIndex))) return undefined;
  const value = Number(match[0].replaceAll('_', ''));
  const isRepresentable = match.groups?.['float'] === undefined ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isRepresentable ? { value, end: at + match[0].length } : undefined;
}

const OPENING = /([rRuU]?)('''|"""|'|")/y;

/** The string at an offset; undefined if there is none, it is unterminated, or it is a bytes or template literal. */
export function readPythonString(text: string, at: number): PythonToken<string> | undefined {
  OPENING.lastIndex = at;
  const [opening, prefix = '', quote = ''] = OPENING.exec(text) ?? [];
  if (opening === undefined) return undefined;
  const raw = prefix.toLowerCase() === 'r';
  let value = '';
  for (let next = at + opening.length; next < text.length; ) {
    if (text.startsWith(quote, next)) return { value, end: next + quote.length };
    const piece = text.charAt(next) === '\\' ? (raw ? verbatim : readEscape)(text, next) : plain(text, next);
    if (!piece) return undefined;
    value += piece.value;
    next = piece.end;
  }
  return undefined;
}

function plain(text: string, at: number): PythonToken<string> {
  return { value: text.charAt(at), end: at + 1 };
}

/** A backslash and the following character, both of which a raw string keeps. */
function verbatim(text: string, at: number): PythonToken<string> {
  return { value: text.slice(at, at + 2), end: at + 2 };
}

const SIMPLE: Readonly<Record<string, string>> = { ...PYTHON_ESCAPES, "'": "'", '"': '"' };
const CODE_POINT = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;
const OCTAL = /\\([0-7]{1,3})/y;

/** The escape sequence at a backslash; unknown ones are kept, broken ones are undefined. */
function readEscape(text: string, at: number): PythonToken<string> | undefined {
  const letter = text.charAt(at + 1);
  const simple = SIMPLE[letter];
  if (simple !== undefined) return { value: simple, end: at + 2 };
  if (letter === '' || letter === 'N') return undefined;
  if ('01234567'.includes(letter)) return codePointEscape(OCTAL, 8, text, at);
  if ('xuU'.includes(letter)) return codePointEscape(CODE_POINT, 16, text, at);
  return verbatim(text, at);
}

function codePointEscape(pattern: RegExp, radix: number, text: string, at: number): PythonToken<string> | undefined {
  pattern.lastIndex = at;
  const [whole, ...digits] = pattern.exec(text) ?? [];
  const code = Number.parseInt(digits.find((part) => part !== undefined) ?? '', radix);
  if (whole === undefined || code > 0x10ffff) return undefined;
  return { value: String.fromCodePoint(code), end: at + whole.length };
}
