import type { BinaryOperator } from './expression.ts';
import type { TokenReader } from './token-reader.ts';

/** An operator between two operands. */
export interface Infix {
  readonly operator: BinaryOperator | 'and' | 'or';
  /** Its precedence. */
  readonly power: number;
}

/** The precedences of operators, as in Jinja: `~` binds tighter than `+`. All are left-associative, including `**`. */
export const POWER = { or: 1, and: 2, not: 3, compare: 4, add: 5, concatenate: 6, multiply: 7, power: 8 } as const;

const INFIXES: ReadonlyMap<string, Infix> = new Map(
  (
    [
      [POWER.or, ['or']],
      [POWER.and, ['and']],
      [POWER.compare, ['==', '!=', '<', '<=', '>', '>=', 'in', 'not in']],
      [POWER.add, ['+', '-']],
      [POWER.concatenate, ['~']],
      [POWER.multiply, ['*', '/', '//', '%']],
      [POWER.power, ['**']],
    ] as const
  ).flatMap(([power, operators]) => operators.map((operator) => [operator, { operator, power }])),
);

/** The next token as an operator, if it is one. */
export function peekInfix(reader: TokenReader): Infix | undefined {
  if (reader.isNext('not') && reader.isNext('in', 1)) return INFIXES.get('not in');
  const token = reader.peek();
  return token.type === 'name' || token.type === 'symbol' ? INFIXES.get(token.text) : undefined;
}

/** Operators that can be chained: `1 < n <= 5`. */
export function isComparison(infix: Infix | undefined): infix is Infix & { readonly operator: BinaryOperator } {
  return infix?.power === POWER.compare;
}

/** Consumes the tokens of an operator: `not in` has two. */
export function skipInfix(reader: TokenReader, { operator }: Infix): void {
  reader.next();
  if (operator === 'not in') reader.next();
}
