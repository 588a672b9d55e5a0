import type { Json } from '../../core/json.ts';
import { list } from '../shape.ts';
import { type Filter, filter, required } from '../signature.ts';
import { identityOf } from '../values/value.ts';
import { distinct } from './distinct.ts';

const other = { other: required(list) };

/** Lists as sets: each value once, in order of first occurrence. */
export const SET_FILTERS: readonly Filter[] = [
  filter('union', list, other, (one, { other: two }) => distinct([...one, ...two])),
  filter('intersect', list, other, (one, { other: two }) => distinct(one).filter(isIn(two))),
  filter('difference', list, other, (one, { other: two }) => distinct(one).filter(isNotIn(two))),
  filter('symmetric_difference', list, other, (one, { other: two }) =>
    distinct([...one.filter(isNotIn(two)), ...two.filter(isNotIn(one))]),
  ),
];

function isIn(items: readonly Json[]): (item: Json) => boolean {
  const known = new Set(items.map(identityOf));
  return (item) => known.has(identityOf(item));
}

function isNotIn(items: readonly Json[]): (item: Json) => boolean {
  const contained = isIn(items);
  return (item) => !contained(item);
}
