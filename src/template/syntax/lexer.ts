import { identifierAt, matchAt } from '../../core/letters.ts';
import { ExpressionSyntaxError } from '../errors.ts';
import { type Backslash, readString } from './string-literal.ts';

/** A token of an expression; offsets are relative to the text. */
export type Token =
  | { readonly type: 'name'; readonly text: string; readonly start: number; readonly end: number }
  | { readonly type: 'symbol'; readonly text: string; readonly start: number; readonly end: number }
  | { readonly type: 'string'; readonly value: string; readonly start: number; readonly end: number }
  | { readonly type: 'number'; readonly value: number; readonly start: number; readonly end: number }
  | { readonly type: 'end'; readonly start: number; readonly end: number };

const BLANK = /[ \t\r\n]*/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const INDEX = /\d+/y;
const SYMBOL = /\*\*|\/\/|==|!=|<=|>=|[-+*/%~<>=|()[\]{},:.]/y;

/** Tokens of other languages, with their equivalents here. */
const FOREIGN = /&&|\|\||!(?!=)|[?$`]/y;
const FOREIGN_HINTS: Readonly<Record<string, string>> = {
  '&&': "write 'and'",
  '||': "write 'or'",
  '!': "write 'not'",
  '?': "write 'a if condition else b'",
  $: 'variables are written without $',
  '`': 'quote with \' or "',
};

/**
 * The tokens of the expression that begins at `from`, the last of type `end`. The expression ends with the text or, if
 * `braces` is the offset of its `{{`, at the closing `}}` or `-}}`.
 * @throws {ExpressionSyntaxError} for an invalid token, and for missing closing braces
 */
export function tokenize(text: string, from: number, braces?: number): readonly Token[] {
  const tokens: Token[] = [];
  const backslash: Backslash = braces === undefined ? 'escape' : 'literal';
  const brackets: string[] = [];
  let at = from;
  for (;;) {
    at += matchAt(BLANK, text, at)?.length ?? 0;
    if (braces !== undefined && brackets.at(-1) !== '{') {
      const end = closingBraces(text, at);
      if (end !== undefined) return [...tokens, { type: 'end', start: at, end }];
    }
    if (at >= text.length) {
      if (braces === undefined) return [...tokens, { type: 'end', start: at, end: at }];
      throw new ExpressionSyntaxError("'{{' is not closed", braces, braces + 2, 'close the expression with }}');
    }
    const token = readToken(text, at, tokens.at(-1), backslash);
    tokens.push(token);
    if (token.type === 'symbol') trackBracket(token.text, brackets);
    at = token.end;
  }
}

function readToken(text: string, at: number, previous: Token | undefined, backslash: Backslash): Token {
  const name = identifierAt(text, at);
  if (name !== undefined) return { type: 'name', text: name, start: at, end: at + name.length };
  const afterDot = previous?.type === 'symbol' && previous.text === '.';
  const digits = matchAt(afterDot ? INDEX : NUMBER, text, at);
  if (digits !== undefined) return numberToken(text, digits, at);
  const character = text.charAt(at);
  if (character === "'" || character === '"') {
    const { value, end } = readString(text, at, backslash);
    return { type: 'string', value, start: at, end };
  }
  const foreign = matchAt(FOREIGN, text, at);
  const symbol = matchAt(SYMBOL, text, at);
  if (symbol !== undefined && foreign === undefined)
    return { type: 'symbol', text: symbol, start: at, end: at + symbol.length };
  const found = foreign ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
  throw new ExpressionSyntaxError(
    `'${found}' has no meaning in an expression`,
    at,
    at + found.length,
    FOREIGN_HINTS[found],
  );
}

function numberToken(text: string, digits: string, start: number): Token {
  const end = start + digits.length;
  const value = Number(digits);
  const letters = identifierAt(text, end);
  if (letters !== undefined) {
    const word = digits + letters;
    throw new ExpressionSyntaxError(`'${word}' is not a number`, start, start + word.length, 'quote it if it is text');
  }
  if (/^0\d/.test(digits)) {
    throw new ExpressionSyntaxError(
      `the number ${digits} begins with 0`,
      start,
      end,
      `quote it if it is text: '${digits}'`,
    );
  }
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new ExpressionSyntaxError(`the number ${digits} is too large`, start, end, 'quote it if it is text');
  }
  return { type: 'number', value, start, end };
}

function closingBraces(text: string, at: number): number | undefined {
  if (text.startsWith('}}', at)) return at + 2;
  return text.startsWith('-}}', at) ? at + 3 : undefined;
}

/** Brackets are only tracked because `}}` may end a mapping; the parser checks that they match. */
function trackBracket(symbol: string, open: string[]): void {
  if (symbol === '(' || symbol === '[' || symbol === '{') open.push(symbol);
  else if (symbol === ')' || symbol === ']' || symbol === '}') open.pop();
}
