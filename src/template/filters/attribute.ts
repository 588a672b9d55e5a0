import type { Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { lookUpPath } from '../values/lookup.ts';

/**
 * What a filter with `attribute=` works on: the item's attribute, or the item itself when none is asked for.
 * @throws {Complaint} when the item has no such attribute.
 */
export function attributeOf(item: Json, path: string | number | undefined): Json {
  if (path === undefined) return item;
  const value = lookUpPath(item, path);
  if (value !== undefined) return value;
  throw new Complaint(`an item has no '${path}'`, `select those that have it: selectattr('${path}', 'defined')`);
}

/** Strings in one case, for orders that do not look at it; all else as it is. */
export function foldCase(value: Json, caseSensitive: boolean): Json {
  return typeof value === 'string' && !caseSensitive ? value.toLowerCase() : value;
}
