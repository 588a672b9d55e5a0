import type { Problems } from '../../core/diagnostic.ts';
import { matchAt } from '../../core/letters.ts';
import { ExpressionSyntaxError } from '../errors.ts';
import type { Template } from '../template.ts';
import { lineEndsOf, withLineEnds } from '../values/line-ends.ts';
import type { Expression } from './expression.ts';
import { tokenize } from './lexer.ts';
import { locate, narrow, type TextOrigin } from './origin.ts';
import { parseTokens } from './parser.ts';

/*
 * The language consists of Jinja's expressions as users of Ansible know them, but cannot run code, and is stricter:
 * - Undefined values are errors, except for `is defined` and `default`; so are null inside a text, comparing a number with a
 *   string, `'abc' | int` without a default, and sums beyond the range of doubles.
 * - true equals 1 in comparisons, but cannot be used in arithmetic. `4 / 2` is 2: JSON has no 2.0.
 * - There are no statements, methods, lookups and macros. `(a, b)` is a list; filters yield lists, not generators.
 * - Keys of mappings are strings; an integer key is converted to its digits, as in the files.
 * - In `{{ }}` a backslash in a string is literal; in `when` and other conditions it begins a Python escape.
 * - Inside a text, lists and mappings are JSON, booleans True and False.
 */

/** Parses a text that is a whole expression, such as that of `when`. Undefined if there are problems. */
export function parseExpression(text: string, origin: TextOrigin, problems: Problems): Expression | undefined {
  const exact = narrow(origin, text, 0, text.length);
  try {
    return parseTokens(tokenize(text, 0), exact);
  } catch (error) {
    report(error, exact, problems);
    return undefined;
  }
}

/** Parses a text with `{{ expressions }}`. Undefined if there are problems; those of all its expressions are reported. */
export function parseTemplate(text: string, origin: TextOrigin, problems: Problems): Template | undefined {
  // Most texts contain none.
  if (!text.includes('{')) return { kind: 'constant', value: text };
  // As in Ansible, the last line end is left out first, and restored unless what comes out ends with one.
  const body = text.replace(/\n$/, '');
  const source: Source = { text: body, origin, problems };
  const pieces: Piece[] = [];
  let isValid = true;
  let hasStatement = false;
  let at = 0;
  for (let start = nextTag(body, at); start !== undefined; start = nextTag(body, at)) {
    pieces.push({ text: body.slice(at, start) });
    const isStatement = body.charAt(start + 1) === '%';
    // One report for a whole {% if %}…{% endif %}.
    const { piece, end } = isStatement && hasStatement ? { end: endOfStatement(body, start) } : readTag(source, start);
    hasStatement ||= isStatement;
    if (piece) pieces.push(piece);
    else isValid = false;
    at = end;
  }
  pieces.push({ text: body.slice(at) });
  return isValid ? assemble(trimmed(pieces), origin, lineEndsOf(text)) : undefined;
}

interface Source {
  readonly text: string;
  readonly origin: TextOrigin;
  readonly problems: Problems;
}

/** A part of a template. Its tags may request (`{{-`, `-}}`) that surrounding blanks are dropped. */
interface Piece {
  readonly text?: string;
  readonly expression?: Expression;
  readonly trimBefore?: boolean;
  readonly trimAfter?: boolean;
}

/** A tag, if it is valid, and its end. */
interface Reading {
  readonly piece?: Piece;
  readonly end: number;
}

function nextTag(text: string, from: number): number | undefined {
  const opening = /\{[{%#]/g;
  opening.lastIndex = from;
  return opening.exec(text)?.index;
}

function readTag(source: Source, start: number): Reading {
  switch (source.text.charAt(start + 1)) {
    case '{':
      return readExpression(source, start);
    case '#':
      return readComment(source, start);
    default:
      return refuseStatement(source, start);
  }
}

function readExpression({ text, origin, problems }: Source, start: number): Reading {
  const braces = closing(text, '}}', start) ?? text.length;
  const exact = narrow(origin, text, start, braces);
  const trimBefore = text.charAt(start + 2) === '-';
  try {
    const tokens = tokenize(text, start + (trimBefore ? 3 : 2), start);
    const end = tokens.at(-1)?.end ?? text.length;
    const expression = parseTokens(tokens, exact);
    return { piece: { expression, trimBefore, trimAfter: text.charAt(end - 3) === '-' }, end };
  } catch (error) {
    report(error, exact, problems);
    return { end: braces };
  }
}

function readComment({ text, origin, problems }: Source, start: number): Reading {
  const end = closing(text, '#}', start);
  if (end !== undefined) {
    const piece = { trimBefore: text.charAt(start + 2) === '-', trimAfter: text.charAt(end - 3) === '-' };
    // As in Ansible, a comment takes the end of its line with it, unless it ends with +#}.
    const takesNewline = text.charAt(end) === '\n' && text.charAt(end - 3) !== '+';
    return { piece, end: takesNewline ? end + 1 : end };
  }
  const range = locate(narrow(origin, text, start, start + 2), start, start + 2);
  problems.error("the comment '{#' is not closed", range, "close it with #}, or write {{ '{#' }} for the characters");
  return { end: text.length };
}

function refuseStatement({ text, origin, problems }: Source, start: number): Reading {
  const endOfTag = closing(text, '%}', start) ?? text.length;
  const raw = matchAt(RAW, text, start);
  problems.error(
    "'{%' is not supported: templates can only contain expressions",
    locate(narrow(origin, text, start, endOfTag), start, endOfTag),
    raw === undefined
      ? "write {{ a if b else c }}, or use the task's when or loop; for the characters write {{ '{%' }}"
      : "write what is in it as a string: {{ '{{ .Names }}' }}",
  );
  return { end: endOfStatement(text, start, raw) };
}

/** With its content, in which braces mean nothing. */
const RAW = /\{%[-+]?\s*raw\s*[-+]?%\}[\s\S]*?(?:\{%[-+]?\s*endraw\s*[-+]?%\}|$)/y;

function endOfStatement(text: string, start: number, raw = matchAt(RAW, text, start)): number {
  return raw === undefined ? (closing(text, '%}', start) ?? text.length) : start + raw.length;
}

/** The end of the tag that begins at `start`, if there is one. */
function closing(text: string, mark: string, start: number): number | undefined {
  const at = text.indexOf(mark, start + 2);
  return at < 0 ? undefined : at + mark.length;
}

function trimmed(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece, index) => {
    let text = piece.text;
    if (text === undefined) return piece;
    if (pieces[index - 1]?.trimAfter) text = text.trimStart();
    if (pieces[index + 1]?.trimBefore) text = text.trimEnd();
    return { text };
  });
}

function assemble(pieces: readonly Piece[], { range }: TextOrigin, lineEnds: number): Template {
  const parts = pieces.map(({ text, expression }) => expression ?? text ?? '').filter((part) => part !== '');
  const expressions = parts.filter((part) => typeof part !== 'string');
  const [only] = expressions;
  if (!only) return { kind: 'constant', value: withLineEnds(parts.join(''), lineEnds) };
  const isSingle = expressions.length === 1 && parts.every((part) => typeof part !== 'string' || part.trim() === '');
  return isSingle ? { kind: 'expression', expression: only } : { kind: 'text', parts, lineEnds, range };
}

function report(error: unknown, origin: TextOrigin, problems: Problems): void {
  if (!(error instanceof ExpressionSyntaxError)) throw error;
  problems.error(error.message, locate(origin, error.start, error.end), error.hint);
}
