import type { Json } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import type { Bound, Filter, TemplateFunction, Test } from '../signature.ts';

/** A parsed expression. Immutable, and the same for all hosts: it can be evaluated any number of times. */
export type Expression = ExpressionNode & {
  /** The range for errors of this node. */
  readonly range: SourceRange;
  /** The whole node if `range` does not include the subject: that of a filter or test begins at its name. */
  readonly whole?: SourceRange;
};

/** An expression as written, from beginning to end, on one line. */
export function sourceOf({ range, whole = range }: Expression): string {
  const written = whole.file.text.slice(whole.start, whole.end);
  // If YAML has folded lines the range is the whole scalar, including the block indicator.
  return written
    .replace(/^[|>][-+\d]*[ \t]*(?:#.*)?\r?\n/, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}

export type ExpressionNode =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [key: Expression, value: Expression])[] }
  | { readonly kind: 'name'; readonly name: string }
  /** `a.b` and `a['b']`. */
  | { readonly kind: 'item'; readonly subject: Expression; readonly key: Expression }
  | {
      readonly kind: 'slice';
      readonly subject: Expression;
      readonly start?: Expression;
      readonly stop?: Expression;
      readonly step?: Expression;
    }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'sign'; readonly operator: '-' | '+'; readonly operand: Expression }
  | { readonly kind: 'logical'; readonly operator: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `1 < n <= 5`: each operand is compared with the previous one. */
  | { readonly kind: 'chain'; readonly first: Expression; readonly links: readonly Comparison[] }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse?: Expression;
    }
  | {
      readonly kind: 'filter';
      readonly filter: Filter;
      readonly subject: Expression;
      readonly given: Bound<Expression>;
    }
  | {
      readonly kind: 'test';
      readonly test: Test;
      readonly subject: Expression;
      readonly given: Bound<Expression>;
      readonly negated: boolean;
    }
  | { readonly kind: 'call'; readonly callee: TemplateFunction; readonly given: Bound<Expression> }
  /** `is defined`, `is undefined`: the subject may have no value. */
  | { readonly kind: 'defined'; readonly subject: Expression; readonly negated: boolean }
  /** `| default(fallback, boolean)`: the fallback is evaluated only if needed. */
  | {
      readonly kind: 'default';
      readonly subject: Expression;
      readonly fallback?: Expression;
      /** If true, a false subject is replaced, too. */
      readonly boolean?: Expression;
    }
  /** `| mandatory(message)`. */
  | { readonly kind: 'mandatory'; readonly subject: Expression; readonly message?: Expression };

/** An operand of a chain of comparisons, with the operator before it. */
export interface Comparison {
  readonly operator: BinaryOperator;
  readonly operand: Expression;
}

/** The expressions of one kind. */
export type NodeOf<Kind extends ExpressionNode['kind']> = Extract<Expression, { readonly kind: Kind }>;

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '**'
  | '~'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | 'not in';

/** The immediate subexpressions of an expression. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'list':
      return expression.items;
    case 'dict':
      return expression.entries.flat();
    case 'item':
      return [expression.subject, expression.key];
    case 'slice':
      return present(expression.subject, expression.start, expression.stop, expression.step);
    case 'not':
    case 'sign':
      return [expression.operand];
    case 'logical':
    case 'binary':
      return [expression.left, expression.right];
    case 'chain':
      return [expression.first, ...expression.links.map(({ operand }) => operand)];
    case 'conditional':
      return present(expression.condition, expression.whenTrue, expression.whenFalse);
    case 'filter':
    case 'test':
      return [expression.subject, ...expression.given.flat()];
    case 'call':
      return expression.given.flat();
    case 'defined':
      return [expression.subject];
    case 'default':
      return present(expression.subject, expression.fallback, expression.boolean);
    case 'mandatory':
      return present(expression.subject, expression.message);
  }
}

/** `a.b[0]` as written, for messages; undefined for anything but a chain of names and constant keys. */
export function pathOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'item' || expression.key.kind !== 'literal') return undefined;
  const subject = pathOf(expression.subject);
  if (subject === undefined) return undefined;
  const key = expression.key.value;
  return typeof key === 'string' && /^[A-Za-z_]\w*$/.test(key) ? `${subject}.${key}` : `${subject}[${inspect(key)}]`;
}

function inspect(key: Json): string {
  return typeof key === 'string' ? `'${key}'` : JSON.stringify(key);
}

function present(...expressions: readonly (Expression | undefined)[]): readonly Expression[] {
  return expressions.filter((expression) => expression !== undefined);
}
