import type { SourceRange } from '../core/source.ts';

/** A template or expression cannot be evaluated: what is wrong, where, and how to fix it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly range: SourceRange;
  readonly hint: string | undefined;
  /** Finds the errors elsewhere in the same value. */
  readonly others: () => readonly TemplateError[];

  /** @param cause the complaint that it locates */
  constructor(
    message: string,
    range: SourceRange,
    hint?: string,
    cause?: unknown,
    others: () => readonly TemplateError[] = () => [],
  ) {
    super(message, { cause });
    this.range = range;
    this.hint = hint;
    this.others = others;
  }
}

/** There is no value where one is needed. */
export class UndefinedError extends TemplateError {}

/** Thrown by filters, tests and operators, which do not know their position. The parser and the evaluator add it. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A text is not an expression; offsets are relative to the text. Thrown by the lexer and the parser, reported by `parse.ts`. */
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
