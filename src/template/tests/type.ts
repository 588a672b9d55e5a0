import { isJsonArray, isJsonObject } from '../../core/json.ts';
import { anything } from '../shape.ts';
import { type Test, test } from '../signature.ts';
import { isTruthy } from '../values/value.ts';

export const TYPE_TESTS: readonly Test[] = [
  // The evaluator handles undefined subjects; here the subject has a value, as under `select`.
  test('defined', anything, {}, () => true),
  test('undefined', anything, {}, () => false),
  test('none', anything, {}, (value) => value === null),
  test('string', anything, {}, (value) => typeof value === 'string'),
  // A boolean is a number, as in Python: `x is number and x is not boolean`.
  test('number', anything, {}, (value) => typeof value === 'number' || typeof value === 'boolean'),
  test('integer', anything, {}, (value) => Number.isInteger(value)),
  test('float', anything, {}, (value) => typeof value === 'number' && !Number.isInteger(value)),
  test('boolean', anything, {}, (value) => typeof value === 'boolean'),
  test('true', anything, {}, (value) => value === true),
  test('false', anything, {}, (value) => value === false),
  test('mapping', anything, {}, isJsonObject),
  // Strings and mappings are sequences and iterable, as in Jinja: `x is sequence and x is not string`.
  test(
    ['sequence', 'iterable'],
    anything,
    {},
    (value) => typeof value === 'string' || isJsonArray(value) || isJsonObject(value),
  ),
  test('truthy', anything, {}, isTruthy),
  test('falsy', anything, {}, (value) => !isTruthy(value)),
];
