import type { SourceRange } from '../core/source.ts';

/** A template or expression cannot be evaluated: what is wrong, where, and what to do. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly range: SourceRange;
  readonly hint: string | undefined;

  constructor(message: string, range: SourceRange, hint?: string) {
    super(message);
    this.range = range;
    this.hint = hint;
  }
}

/**
 * What filters, tests and operators throw: they do not know where they stand. The parser and the evaluator put the
 * position to it.
 */
export class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A text is not an expression; offsets are those of the text. The lexer and the parser throw it, `parse.ts` reports it. */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;

  constructor(message: string, start: number, end: number, hint?: string) {
    super(message);
    this.start = start;
    this.end = end;
    this.hint = hint;
  }
}
