import { isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import { joinTexts } from '../measure.ts';
import { attributePath, collection, flag, integer, list, text, textOrList } from '../shape.ts';
import { type Filter, filter, itemFilter, optional, required, rest, withDefault } from '../signature.ts';
import { membersOf } from '../values/lookup.ts';
import { listOf } from '../values/sparse-list.ts';
import { subelements } from '../values/subelements.ts';
import { Undefined } from '../values/undefined.ts';
import { displayText } from '../values/value.ts';
import { attributeOf } from './attribute.ts';

export const LIST_FILTERS: readonly Filter[] = [
  itemFilter(['length', 'count'], {}, (items) => items.length),
  itemFilter('first', {}, (items) => memberAt(items, 0, 'first')),
  itemFilter('last', {}, (items) => memberAt(items, -1, 'last')),
  itemFilter('list', {}, (items) => listOf(items)),
  filter('reverse', textOrList, {}, (value) => {
    const reversed = [...membersOf(value)].reverse();
    return typeof value === 'string' ? reversed.join('') : reversed;
  }),
  filter(
    'join',
    list,
    { d: withDefault(text, ''), attribute: optional(attributePath) },
    (items, { d: separator, attribute }) => {
      const texts = items.map((item) => displayText(attributeOf(item, attribute)));
      return joinTexts(texts, separator);
    },
  ),
  filter(
    'flatten',
    list,
    { levels: optional(integer), skip_nulls: withDefault(flag, true) },
    (items, { levels = Number.POSITIVE_INFINITY, skip_nulls: skipNulls }) => flatten(items, levels, skipNulls),
  ),
  filter(
    'subelements',
    collection,
    { subelements: required(textOrList), skip_missing: withDefault(flag, false) },
    (value, { subelements: path, skip_missing: skipMissing }) => {
      const mappings = isJsonObject(value) ? Object.values(value) : membersOf(value);
      return subelements([...mappings], typeof path === 'string' ? path : path.map(displayText).join('.'), skipMissing);
    },
  ),
  filter('zip', list, { others: rest(list) }, (items, { others }) => zip([items, ...others])),
];

function memberAt(items: readonly (Json | Undefined)[], index: number, name: string): Json | Undefined {
  const member = items.at(index);
  return member === undefined ? new Undefined(`filter '${name}' finds nothing: the value is empty`) : member;
}

function flatten(items: readonly Json[], levels: number, skipNulls: boolean): readonly Json[] {
  return items.flatMap((item) => {
    // As in Ansible, these words count as null.
    if (skipNulls && (item === null || item === 'null' || item === 'None')) return [];
    return isJsonArray(item) && levels > 0 ? flatten(item, levels - 1, skipNulls) : [item];
  });
}

/** Tuples of the items at the same index, up to the length of the shortest list. */
function zip(lists: readonly (readonly Json[])[]): readonly Json[] {
  const length = Math.min(...lists.map((one) => one.length));
  return Array.from({ length }, (_, index) => lists.map((one) => one[index] as Json));
}
