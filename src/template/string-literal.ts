import { ExpressionSyntaxError } from './errors.ts';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };
const STOPS = { "'": /['\\]/g, '"': /["\\]/g } as const;
const NUMERIC_ESCAPE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y;

/**
 * Reads the string literal whose quote stands at `start`. Escapes: `\n \t \r \\ \' \" \xNN \uNNNN`; before any other character a
 * backslash stands for itself, so that a regular expression needs no doubled ones: `'\d+\.\d+'`, `'\1'`.
 * @throws {ExpressionSyntaxError} when it is not closed.
 */
export function readString(text: string, start: number): { readonly value: string; readonly end: number } {
  const quote = text.charAt(start) === '"' ? '"' : "'";
  const stops = STOPS[quote];
  const parts: string[] = [];
  let at = start + 1;
  for (;;) {
    stops.lastIndex = at;
    const stop = stops.exec(text)?.index;
    if (stop === undefined)
      throw new ExpressionSyntaxError('the string is not closed', start, text.length, `close it with ${quote}`);
    parts.push(text.slice(at, stop));
    if (text.charAt(stop) === quote) return { value: parts.join(''), end: stop + 1 };
    const { value, end } = readEscape(text, stop);
    parts.push(value);
    at = end;
  }
}

function readEscape(text: string, backslash: number): { readonly value: string; readonly end: number } {
  const at = backslash + 1;
  NUMERIC_ESCAPE.lastIndex = at;
  const numeric = NUMERIC_ESCAPE.exec(text);
  if (numeric) {
    const code = Number.parseInt(numeric[1] ?? numeric[2] ?? '', 16);
    return { value: String.fromCharCode(code), end: at + numeric[0].length };
  }
  const character = ESCAPES[text.charAt(at)];
  return character === undefined ? { value: '\\', end: at } : { value: character, end: at + 1 };
}
