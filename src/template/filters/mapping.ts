import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { anything, flag, list, mapping, mappings, text, textOrInteger } from '../shape.ts';
import { type Filter, filter, required, rest, withDefault } from '../signature.ts';
import { lookUp } from '../values/lookup.ts';
import { Undefined } from '../values/undefined.ts';
import { typeName } from '../values/value.ts';

const names = { key_name: withDefault(text, 'key'), value_name: withDefault(text, 'value') };
/** Of lists, such as the parts of a text, the index. */
const namesOrIndices = { key_name: withDefault(textOrInteger, 'key'), value_name: withDefault(textOrInteger, 'value') };

export const MAPPING_FILTERS: readonly Filter[] = [
  filter('dict2items', mapping, names, (value, { key_name: keyName, value_name: valueName }) =>
    Object.entries(value).map(([key, member]) =>
      Object.fromEntries<Json>([
        [keyName, key],
        [valueName, member],
      ]),
    ),
  ),
  filter('items2dict', list, namesOrIndices, (items, { key_name: keyName, value_name: valueName }) =>
    Object.fromEntries(items.map((item) => toMember(item, keyName, valueName))),
  ),
  filter(
    'extract',
    anything,
    { container: required(anything), morekeys: withDefault(anything, []) },
    (key, { container, morekeys }) => extract(container, [key, ...(isJsonArray(morekeys) ? morekeys : [morekeys])]),
  ),
  filter('combine', mappings, { others: rest(mappings), recursive: withDefault(flag, false) }, (value, args) =>
    combine([value, ...args.others].flat(), args.recursive),
  ),
];

/** The member of a container, a member of that, and so on; the last one may be missing. */
function extract(container: Json, keys: readonly Json[]): Json | Undefined {
  let value = container;
  for (const key of keys) {
    const member = lookUp(value, key);
    if (member === undefined) return new Undefined(`filter 'extract' finds nothing under ${JSON.stringify(key)}`);
    value = member;
  }
  return value;
}

function toMember(item: Json, keyName: string | number, valueName: string | number): readonly [string, Json] {
  const key = lookUp(item, keyName);
  const value = lookUp(item, valueName);
  if (key === undefined || value === undefined) {
    throw new Complaint(
      `filter 'items2dict': an item has no '${key === undefined ? keyName : valueName}'`,
      'name the members: items2dict(key_name=…, value_name=…)',
    );
  }
  if (typeof key === 'string' || typeof key === 'number') return [String(key), value];
  throw new Complaint(`filter 'items2dict': the keys of a mapping are strings, not ${typeName(key)}`);
}

/**
 * Later members win; with `recursive`, mappings under the same key are combined in turn. As in Ansible, a value in between that is no
 * mapping does not hide those before it.
 */
function combine(all: readonly JsonObject[], recursive: boolean): JsonObject {
  const members = new Map<string, Json>();
  const nested = new Map<string, JsonObject[]>();
  for (const one of all)
    for (const [key, value] of Object.entries(one)) {
      members.set(key, value);
      if (!recursive || !isJsonObject(value)) continue;
      const before = nested.get(key);
      if (before) before.push(value);
      else nested.set(key, [value]);
    }
  for (const [key, values] of nested)
    if (values.length > 1 && isJsonObject(members.get(key) ?? null)) members.set(key, combine(values, true));
  return Object.fromEntries(members);
}
