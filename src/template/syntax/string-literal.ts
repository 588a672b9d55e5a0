import { PYTHON_ESCAPES } from '../../core/python-escapes.ts';
import { ExpressionSyntaxError } from '../errors.ts';

/**
 * The meaning of a backslash in a string literal. `literal`: a backslash, as in `{{ }}`, where Ansible leaves backslashes to
 * YAML; before a quote it also continues the string. `escape`: the beginning of a Python escape, as in `when` and other
 * conditions.
 */
export type Backslash = 'literal' | 'escape';

const ESCAPES: Readonly<Record<string, string>> = {
  ...PYTHON_ESCAPES,
  ...{ "'": "'", '"': '"', '\n': '' },
};
const STOPS = { "'": /['\\]/g, '"': /["\\]/g } as const;
const NUMERIC_ESCAPE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})/y;

/**
 * Reads the string literal whose quote is at `start`. All escapes of Python except `\N{…}` are supported: before any other
 * character a backslash is literal, as in `'\d+'`.
 * @throws {ExpressionSyntaxError} if the string is not closed, or an escape is incomplete
 */
export function readString(
  text: string,
  start: number,
  backslash: Backslash,
): { readonly value: string; readonly end: number } {
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
    const { value, end } =
      backslash === 'literal' ? { value: text.slice(stop, stop + 2), end: stop + 2 } : readEscape(text, stop);
    parts.push(value);
    at = end;
  }
}

function readEscape(text: string, backslash: number): { readonly value: string; readonly end: number } {
  const at = backslash + 1;
  NUMERIC_ESCAPE.lastIndex = at;
  const numeric = NUMERIC_ESCAPE.exec(text);
  if (numeric) {
    const [all, two, four, eight, octal] = numeric;
    const code = octal === undefined ? Number.parseInt(two ?? four ?? eight ?? '', 16) : Number.parseInt(octal, 8);
    if (code <= 0x10_ff_ff) return { value: String.fromCodePoint(code), end: at + all.length };
  }
  const letter = text.charAt(at);
  if (/[xuUN]/.test(letter)) {
    const hint = `write \\\\${letter} for a backslash and the letter`;
    throw new ExpressionSyntaxError(`'\\${letter}' starts an incomplete escape sequence`, backslash, at + 1, hint);
  }
  const character = ESCAPES[letter];
  return character === undefined ? { value: '\\', end: at } : { value: character, end: at + 1 };
}
