import { isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { checkLength, joinTexts } from '../measure.ts';
import type { BinaryOperator } from '../syntax/expression.ts';
import { lookUp } from '../values/lookup.ts';
import { compare, displayText, equals, typeName } from '../values/value.ts';

/** The binary operators. All throw Complaint for unsupported operands. */
export const BINARY_OPERATORS: Readonly<Record<BinaryOperator, (left: Json, right: Json) => Json>> = {
  '+': add,
  '-': (left, right) => calculate('-', left, right, (a, b) => a - b),
  '*': multiply,
  '/': (left, right) => calculate('/', left, nonZero(right), (a, b) => a / b),
  '//': (left, right) => calculate('//', left, nonZero(right), floorDivide),
  '%': modulo,
  '**': (left, right) => calculate('**', left, right, (a, b) => a ** b),
  '~': (left, right) => joinTexts([displayText(left), displayText(right)]),
  '==': equals,
  '!=': (left, right) => !equals(left, right),
  '<': (left, right) => compare(left, right) < 0,
  '<=': (left, right) => compare(left, right) <= 0,
  '>': (left, right) => compare(left, right) > 0,
  '>=': (left, right) => compare(left, right) >= 0,
  in: (left, right) => contains(right, left),
  'not in': (left, right) => !contains(right, left),
};

/**
 * The texts of the second operand, if the result for a text depends only on whether it is one of them; undefined for other
 * operators and operands.
 */
export function textsIn(operator: BinaryOperator, second: Json): readonly string[] | undefined {
  if (operator === '==' || operator === '!=') return typeof second === 'string' ? [second] : undefined;
  if ((operator !== 'in' && operator !== 'not in') || !isJsonArray(second)) return undefined;
  return second.filter((item) => typeof item === 'string');
}

/** Adds numbers, and concatenates strings and lists. */
export function add(left: Json, right: Json): Json {
  if (typeof left === 'string' && typeof right === 'string') return joinTexts([left, right]);
  if (isJsonArray(left) && isJsonArray(right)) {
    checkLength(left.length + right.length);
    return [...left, ...right];
  }
  return calculate('+', left, right, (a, b) => a + b);
}

/** Whether the container has the item, key or substring. */
export function contains(container: Json, member: Json): boolean {
  if (isJsonArray(container)) {
    return typeof member === 'string' ? container.includes(member) : container.some((item) => equals(item, member));
  }
  if (typeof container === 'string') {
    if (typeof member === 'string') return container.includes(member);
    throw new Complaint(`only a string can be in a string, not ${typeName(member)}`, 'convert it with | string');
  }
  if (isJsonObject(container)) return lookUp(container, member) !== undefined;
  throw new Complaint(`'in' looks into a string, list or mapping, not into ${typeName(container)}`);
}

/** Minus or plus a number. */
export function applySign(operator: '-' | '+', operand: Json): Json {
  if (typeof operand !== 'number') throw new Complaint(`'${operator}' takes a number, not ${typeName(operand)}`);
  return operator === '-' ? 0 - operand : operand;
}

function multiply(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right !== 'number') return repeat(right, left) ?? multiplyNumbers(left, right);
  return repeat(left, right) ?? multiplyNumbers(left, right);
}

function multiplyNumbers(left: Json, right: Json): number {
  return calculate('*', left, right, (a, b) => a * b);
}

function repeat(value: Json, count: Json): Json | undefined {
  if (!Number.isInteger(count) || (typeof value !== 'string' && !isJsonArray(value))) return undefined;
  const times = Math.max(0, count as number);
  checkLength(value.length * times);
  if (value.length === 0) return value;
  return typeof value === 'string' ? value.repeat(times) : Array.from({ length: times }, () => value).flat();
}

function modulo(left: Json, right: Json): number {
  if (typeof left === 'string') {
    throw new Complaint("'%' does not format text here", "join the parts with ~, as in 'a' ~ b");
  }
  return calculate('%', left, nonZero(right), floorModulo);
}

function nonZero(divisor: Json): Json {
  if (divisor === 0) throw new Complaint('division by zero');
  return divisor;
}

/** Python's `%`: the result has the sign of the divisor. */
function floorModulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** Python's `//`, consistent with its `%`: `a == b * (a // b) + a % b`. */
function floorDivide(a: number, b: number): number {
  return Math.round((a - floorModulo(a, b)) / b);
}

function calculate(operator: string, left: Json, right: Json, operation: (a: number, b: number) => number): number {
  if (typeof left !== 'number' || typeof right !== 'number') {
    throw new Complaint(
      `'${operator}' cannot take ${typeName(left)} and ${typeName(right)}`,
      conversionHint(left, right),
    );
  }
  const result = operation(left, right);
  const exact = Number.isInteger(left) && Number.isInteger(right) && Number.isInteger(result);
  if (Number.isNaN(result)) throw new Complaint('the result is not a number');
  if (!Number.isFinite(result) || (exact && !Number.isSafeInteger(result))) {
    throw new Complaint('the result is too large a number');
  }
  return result + 0; // -0 becomes 0
}

function conversionHint(left: Json, right: Json): string | undefined {
  const types = new Set([typeof left, typeof right]);
  return types.has('string') && types.has('number') ? 'join text with ~, or convert with | int or | float' : undefined;
}
