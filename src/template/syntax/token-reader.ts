import { ExpressionSyntaxError } from '../errors.ts';
import type { Token } from './lexer.ts';
import { CONSTANTS } from './reserved.ts';

/** Reads the tokens of an expression. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#end = tokens.at(-1) ?? { type: 'end', start: 0, end: 0 };
  }

  /** The next token, or a later one. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#end;
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** The end of the last token read. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  /** Whether this name or symbol comes next. */
  isNext(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (token.type === 'name' || token.type === 'symbol') && token.text === word;
  }

  /** Reads this name or symbol if it comes next. */
  accept(word: string): boolean {
    const isAccepted = this.isNext(word);
    if (isAccepted) this.#at += 1;
    return isAccepted;
  }

  /** @throws {ExpressionSyntaxError} if something else comes next; `or` names an alternative. */
  expect(symbol: string, or?: string): void {
    if (this.accept(symbol)) return;
    throw unexpected(this.peek(), or === undefined ? `'${symbol}'` : `'${symbol}' or '${or}'`);
  }
}

/**
 * The value of a name that is a constant; undefined for a variable.
 * @throws {ExpressionSyntaxError} for `null`: to Ansible it is a variable like any other, which nothing defines.
 */
export function constantOf({ text, start, end }: Extract<Token, { type: 'name' }>): boolean | null | undefined {
  if (text === 'null') throw new ExpressionSyntaxError('null is no constant of templates', start, end, 'write none');
  return CONSTANTS.get(text);
}

/** The error for an unexpected token. */
export function unexpected(token: Token, expected: string, hint?: string): ExpressionSyntaxError {
  return new ExpressionSyntaxError(`expected ${expected}, found ${describe(token)}`, token.start, token.end, hint);
}

function describe(token: Token): string {
  switch (token.type) {
    case 'end':
      return 'the end of the expression';
    case 'string':
      return 'a string';
    case 'number':
      return String(token.value);
    default:
      return `'${token.text}'`;
  }
}
