import type { Json, JsonObject } from '../../core/json.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import { Complaint, TemplateError, UndefinedError } from '../errors.ts';
import { Budget, type Machine } from '../machine.ts';
import { costOf, withinLimits } from '../measure.ts';
import { findFilter, findTest } from '../registry.ts';
import type { Scope } from '../scope.ts';
import type { Bound } from '../signature.ts';
import { didYouMean } from '../suggestion.ts';
import { bind } from '../syntax/bind.ts';
import type { BinaryOperator, Expression, NodeOf } from '../syntax/expression.ts';
import { lookUp } from '../values/lookup.ts';
import { slice, sliceOfList } from '../values/slice.ts';
import { type FilterResult, listOf, SparseList } from '../values/sparse-list.ts';
import { Undefined } from '../values/undefined.ts';
import { displayText, isTruthy, typeName } from '../values/value.ts';
import { missingMember } from './missing-member.ts';
import { applySign, BINARY_OPERATORS, textsIn } from './operators.ts';

/**
 * The value of an expression. Pure, except for what the scope does.
 * @throws {TemplateError} if it has none
 * @throws {UnknownValueError} if it depends on a value that is only known during the run
 */
export function evaluate(expression: Expression, scope: Scope): Json {
  return new Evaluator(scope).json(expression);
}

class Evaluator implements Machine {
  readonly budget = new Budget();
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** The value of an expression, which must not be undefined. */
  json(expression: Expression): Json {
    return this.#defined(this.#value(expression), expression);
  }

  /** The value of an expression, if it has one. */
  #defined(value: FilterResult, { range }: Expression): Json {
    if (value instanceof Undefined) throw new UndefinedError(value.reason, range, value.hint);
    if (value instanceof SparseList) throw new UndefinedError(value.gap.reason, value.range ?? range, value.gap.hint);
    return value;
  }

  applyFilter(name: string, subject: Json, positional: readonly Json[]): FilterResult {
    const filter = findFilter(name);
    this.#chargeFor(subject, ...positional);
    return limited(filter.apply(subject, bind(filter, positional), this));
  }

  applyTest(name: string, subject: Json, positional: readonly Json[]): boolean {
    const test = findTest(name);
    this.#chargeFor(subject, ...positional);
    return test.apply(subject, bind(test, positional), this);
  }

  /** Errors are located at the innermost expression that caused them. */
  #value(expression: Expression): FilterResult {
    try {
      this.budget.charge(1);
      return this.#compute(expression);
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      throw new TemplateError(error.message, expression.range, error.hint, error);
    }
  }

  #compute(expression: Expression): FilterResult {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'name':
        return this.#variable(expression.name);
      case 'item':
        return this.#item(expression);
      case 'list':
        return limited(this.#list(expression));
      case 'dict':
        return withinLimits(this.#dict(expression));
      case 'slice':
        return this.#slice(expression);
      case 'not':
        return !this.#truth(expression.operand);
      case 'sign':
        return applySign(expression.operator, this.json(expression.operand));
      case 'logical':
        return this.#logical(expression);
      case 'binary':
        return this.#binary(expression);
      case 'chain':
        return this.#chain(expression);
      case 'conditional':
        return this.#conditional(expression);
      case 'filter':
        return this.#filter(expression);
      case 'test':
        return this.#test(expression);
      case 'call':
        return withinLimits(expression.callee.apply(this.#evaluateArguments(expression.given)));
      case 'defined':
        return this.#value(expression.subject) instanceof Undefined === expression.negated;
      case 'default':
        return this.#default(expression);
      case 'mandatory':
        return this.#mandatory(expression);
    }
  }

  #variable(name: string): Json | Undefined {
    const value = this.#scope.get(name);
    if (value instanceof Unknown) throw new UnknownValueError(value.until);
    if (value !== undefined) return value;
    const hint = () => this.#scope.hintFor?.(name) ?? didYouMean(name, this.#scope.names?.() ?? []);
    return new Undefined(`'${name}' is undefined`, hint);
  }

  #list({ items }: NodeOf<'list'>): FilterResult {
    const values = items.map((item) => {
      const value = this.#value(item);
      return value instanceof SparseList ? this.#defined(value, item) : value;
    });
    const gap = items[values.findIndex((value) => value instanceof Undefined)];
    return listOf(values, gap?.range);
  }

  #item(expression: NodeOf<'item'>): Json | Undefined {
    const found = this.#value(expression.subject);
    if (found instanceof Undefined) return found;
    const key = this.json(expression.key);
    const member = found instanceof SparseList ? found.at(key) : lookUp(found, key);
    if (member !== undefined) return member;
    return missingMember(expression, found instanceof SparseList ? found.items.map(() => null) : found, key);
  }

  #dict({ entries }: NodeOf<'dict'>): JsonObject {
    return Object.fromEntries(
      entries.map(([key, value]) => {
        const name = this.json(key);
        if (typeof name !== 'string' && typeof name !== 'number') {
          throw new Complaint(`the keys of a mapping are strings, not ${typeName(name)}`);
        }
        return [String(name), this.json(value)];
      }),
    );
  }

  #slice({ subject, start, stop, step }: NodeOf<'slice'>): FilterResult {
    const found = this.#value(subject);
    const from = found instanceof SparseList ? found.defined : this.#defined(found, subject);
    const bounds = [start, stop, step].map((bound) => (bound ? this.json(bound) : null));
    this.#chargeFor(from);
    const [first = null, end = null, stride = null] = bounds;
    if (found instanceof SparseList) return limited(listOf(sliceOfList(found.items, first, end, stride), found.range));
    return withinLimits(slice(from, first, end, stride));
  }

  #logical({ operator, left, right }: NodeOf<'logical'>): FilterResult {
    const first = this.json(left);
    return isTruthy(first) === (operator === 'or') ? first : this.#value(right);
  }

  /** As in Python: up to the first false comparison, evaluating each operand once. */
  #chain({ first, links }: NodeOf<'chain'>): boolean {
    let left = this.json(first);
    for (const { operator, operand } of links) {
      const right = this.json(operand);
      if (!isTruthy(this.#operate(operator, left, right))) return false;
      left = right;
    }
    return true;
  }

  #binary({ operator, left, right }: NodeOf<'binary'>): Json {
    const isSymmetric = operator === '==' || operator === '!=';
    return (
      this.#compareName(operator, left, right) ??
      (isSymmetric ? this.#compareName(operator, right, left) : undefined) ??
      this.#operate(operator, this.json(left), this.json(right))
    );
  }

  /** Undefined: the subject is not a variable that the scope compares. */
  #compareName(operator: BinaryOperator, subject: Expression, other: Expression): Json | undefined {
    const compared = subject.kind === 'name' ? this.#scope.compare?.(subject.name) : undefined;
    if (!compared) return undefined;
    const second = this.json(other);
    const texts = textsIn(operator, second);
    if (!texts) return this.#operate(operator, this.json(subject), second);
    this.budget.charge(1);
    compared.among(texts);
    return this.#operate(operator, compared.text, second);
  }

  #operate(operator: BinaryOperator, first: Json, second: Json): Json {
    this.#chargeFor(first, second);
    return withinLimits(BINARY_OPERATORS[operator](first, second));
  }

  #conditional({ condition, whenTrue, whenFalse }: NodeOf<'conditional'>): FilterResult {
    if (this.#truth(condition)) return this.#value(whenTrue);
    if (whenFalse) return this.#value(whenFalse);
    return new Undefined(
      "the condition is false, and there is no 'else'",
      () => "add what it is then, such as else ''",
    );
  }

  #filter({ filter, subject, given }: NodeOf<'filter'>): FilterResult {
    const found = this.#value(subject);
    if (found instanceof SparseList && filter.applyToSparse) {
      const args = this.#evaluateArguments(given);
      this.#chargeFor(found.defined, ...args.flat());
      return limited(filter.applyToSparse(found, args, this));
    }
    const input = this.#defined(found, subject);
    const args = this.#evaluateArguments(given);
    this.#chargeFor(input, ...args.flat());
    return limited(filter.apply(input, args, this));
  }

  #test({ test, subject, given, negated }: NodeOf<'test'>): boolean {
    const input = this.json(subject);
    const args = this.#evaluateArguments(given);
    this.#chargeFor(input, ...args.flat());
    return test.apply(input, args, this) !== negated;
  }

  #default({ subject, fallback, boolean }: NodeOf<'default'>): FilterResult {
    const value = this.#value(subject);
    if (value instanceof SparseList) return value;
    const wanted = value instanceof Undefined || (boolean !== undefined && this.#truth(boolean) && !isTruthy(value));
    if (!wanted) return value;
    return fallback ? this.#value(fallback) : '';
  }

  #mandatory({ subject, message }: NodeOf<'mandatory'>): Json {
    const value = this.#value(subject);
    if (!(value instanceof Undefined)) return this.#defined(value, subject);
    throw new TemplateError(message ? displayText(this.json(message)) : value.reason, subject.range, value.hint);
  }

  #evaluateArguments(given: Bound<Expression>): Bound<Json> {
    return given.map((expressions) => expressions.map((expression) => this.json(expression)));
  }

  /** Charges the budget for an operation that may visit all of these values. */
  #chargeFor(...values: readonly Json[]): void {
    this.budget.charge(values.reduce((sum: number, value) => sum + costOf(value), 1));
  }

  #truth(expression: Expression): boolean {
    return isTruthy(this.json(expression));
  }
}

/** Checks that a result is within the limits. */
function limited(result: FilterResult): FilterResult {
  if (result instanceof Undefined) return result;
  if (!(result instanceof SparseList)) return withinLimits(result);
  withinLimits(result.defined);
  return result;
}
