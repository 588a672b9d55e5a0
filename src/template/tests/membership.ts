import type { Json } from '../../core/json.ts';
import { contains } from '../evaluation/operators.ts';
import { anything, collection, list } from '../shape.ts';
import { required, type Test, test } from '../signature.ts';
import { identityOf, isTruthy } from '../values/value.ts';

export const MEMBERSHIP_TESTS: readonly Test[] = [
  test('in', anything, { seq: required(collection) }, (value, { seq }) => contains(seq, value)),
  test('contains', collection, { value: required(anything) }, (value, args) => contains(value, args.value)),
  test(['subset', 'issubset'], list, { of: required(list) }, (value, { of }) => isSubset(value, of)),
  test(['superset', 'issuperset'], list, { of: required(list) }, (value, { of }) => isSubset(of, value)),
  test('all', list, {}, (items) => items.every(isTruthy)),
  test('any', list, {}, (items) => items.some(isTruthy)),
];

function isSubset(small: readonly Json[], large: readonly Json[]): boolean {
  const known = new Set(large.map(identityOf));
  return small.every((item) => known.has(identityOf(item)));
}
