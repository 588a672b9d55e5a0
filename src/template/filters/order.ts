import { isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import { add } from '../evaluation/operators.ts';
import type { Budget } from '../machine.ts';
import { checkLength, joinTexts } from '../measure.ts';
import { anything, attributePath, flag, list } from '../shape.ts';
import { type Filter, filter, optional, withDefault } from '../signature.ts';
import { Undefined } from '../values/undefined.ts';
import { compare } from '../values/value.ts';
import { attributeOf, foldCase } from './attribute.ts';
import { distinct } from './distinct.ts';

/** As in Jinja, these ignore case unless `case_sensitive=true`. */
const keyed = { case_sensitive: withDefault(flag, false), attribute: optional(attributePath) };

export const ORDER_FILTERS: readonly Filter[] = [
  filter(
    'sort',
    list,
    { reverse: withDefault(flag, false), ...keyed },
    (items, { reverse, case_sensitive: caseSensitive, attribute }, { budget }) => {
      const sign = reverse ? -1 : 1;
      return withSortKeys(items, caseSensitive, attribute)
        .sort((a, b) => sign * charged(budget, a.key, b.key))
        .map(({ item }) => item);
    },
  ),
  filter('min', list, keyed, (items, args, { budget }) => extreme('min', items, args, -1, budget)),
  filter('max', list, keyed, (items, args, { budget }) => extreme('max', items, args, 1, budget)),
  filter('unique', list, keyed, (items, { case_sensitive: caseSensitive, attribute }) => {
    const keys = items.map((item) => attributeOf(item, attribute));
    // As in Ansible, case counts where a list or a mapping is among them.
    const isExact = caseSensitive || keys.some((key) => isJsonArray(key) || isJsonObject(key));
    return distinct(items, (item) => foldCase(attributeOf(item, attribute), isExact));
  }),
  filter(
    'sum',
    list,
    { attribute: optional(attributePath), start: withDefault(anything, 0) },
    (items, { attribute, start }) =>
      total(
        items.map((item) => attributeOf(item, attribute)),
        start,
      ),
  ),
];

/** Texts and lists are joined at once: one after another, each would be copied as often as others follow. */
function total(values: readonly Json[], start: Json): Json {
  if (typeof start === 'string' && values.every((value) => typeof value === 'string'))
    return joinTexts([start, ...values]);
  if (isJsonArray(start) && values.every(isJsonArray)) {
    checkLength(values.reduce((length, value) => length + value.length, start.length));
    return [start, ...values].flat();
  }
  return values.reduce(add, start);
}

interface Keyed {
  readonly item: Json;
  /** The key to compare by. */
  readonly key: Json;
}

function withKeys(items: readonly Json[], caseSensitive: boolean, attribute: string | number | undefined): Keyed[] {
  return items.map((item) => ({ item, key: foldCase(attributeOf(item, attribute), caseSensitive) }));
}

/** `a,b` sorts by `a`, and by `b` where that is the same. */
function withSortKeys(items: readonly Json[], caseSensitive: boolean, attribute: string | number | undefined): Keyed[] {
  if (typeof attribute !== 'string' || !attribute.includes(',')) return withKeys(items, caseSensitive, attribute);
  const paths = attribute.split(',').map((path) => path.trim());
  return items.map((item) => ({
    item,
    key: paths.map((path) => foldCase(attributeOf(item, path), caseSensitive)),
  }));
}

function extreme(
  name: string,
  items: readonly Json[],
  { case_sensitive: caseSensitive, attribute }: { case_sensitive: boolean; attribute: string | number | undefined },
  sign: number,
  budget: Budget,
): Json | Undefined {
  const [first, ...others] = withKeys(items, caseSensitive, attribute);
  if (!first) return new Undefined(`filter '${name}' finds nothing: the list is empty`);
  return others.reduce((best, next) => (sign * charged(budget, next.key, best.key) > 0 ? next : best), first).item;
}

function charged(budget: Budget, left: Json, right: Json): number {
  budget.charge(1);
  return compare(left, right);
}
