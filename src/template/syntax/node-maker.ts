import { Complaint, ExpressionSyntaxError } from '../errors.ts';
import type { Bound, Filter } from '../signature.ts';
import { type Expression, type ExpressionNode, partsOf } from './expression.ts';
import type { Infix } from './infix.ts';
import { locate, type TextOrigin } from './origin.ts';
import type { TokenReader } from './token-reader.ts';

/** Limit on nesting, so that neither the parser nor the evaluator exhausts the stack. */
const MAX_LEVELS = 200;

/** Makes the nodes of an expression during parsing: adds their source ranges and limits their nesting. */
export class NodeMaker {
  readonly #reader: TokenReader;
  readonly #origin: TextOrigin;
  readonly #levels = new WeakMap<Expression, number>();
  #nesting = 0;

  constructor(reader: TokenReader, origin: TextOrigin) {
    this.#reader = reader;
    this.#origin = origin;
  }

  /** From `start` to the last token read. @param wholeStart the beginning of its subject, if that is before `start` */
  node(start: number, node: ExpressionNode, wholeStart?: number): Expression {
    const { lastEnd } = this.#reader;
    const range = locate(this.#origin, start, lastEnd);
    const whole = wholeStart !== undefined && { whole: locate(this.#origin, wholeStart, lastEnd) };
    const expression: Expression = { ...node, range, ...whole };
    const levels = partsOf(expression).reduce((deepest, part) => Math.max(deepest, this.#levels.get(part) ?? 0), 0) + 1;
    this.#levels.set(expression, levels);
    if (levels > MAX_LEVELS) throw this.#tooDeep();
    return expression;
  }

  /** Parses one level deeper. */
  nested<T>(read: () => T): T {
    if (this.#nesting >= MAX_LEVELS) throw this.#tooDeep();
    this.#nesting += 1;
    const result = read();
    this.#nesting -= 1;
    return result;
  }

  /** Runs code that does not know its position; its errors are located from `start` to the last token read. */
  resolve<T>(start: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      throw new ExpressionSyntaxError(error.message, start, this.#reader.lastEnd, error.hint);
    }
  }

  #tooDeep(): ExpressionSyntaxError {
    const { start, end } = this.#reader.peek();
    const message = `the expression has more than ${MAX_LEVELS} levels`;
    return new ExpressionSyntaxError(message, start, end, 'split it over variables');
  }
}

/** A binary operation. */
export function between({ operator }: Infix, left: Expression, right: Expression): ExpressionNode {
  return operator === 'and' || operator === 'or'
    ? { kind: 'logical', operator, left, right }
    : { kind: 'binary', operator, left, right };
}

/** `default` and `mandatory` accept an undefined subject, so they are nodes of their own. */
export function filterNode(filter: Filter, subject: Expression, given: Bound<Expression>): ExpressionNode {
  const first = given[0]?.[0];
  const second = given[1]?.[0];
  switch (filter.names[0]) {
    case 'default':
      return { kind: 'default', subject, ...(first && { fallback: first }), ...(second && { boolean: second }) };
    case 'mandatory':
      return { kind: 'mandatory', subject, ...(first && { message: first }) };
    default:
      return { kind: 'filter', filter, subject, given };
  }
}
