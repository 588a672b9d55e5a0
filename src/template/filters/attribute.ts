import type { Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { lookUpPath } from '../values/lookup.ts';

/**
 * The value that a filter with `attribute=` uses: the item's attribute, or the item itself without a path.
 * @throws {Complaint} if the item has no such attribute
 */
export function attributeOf(item: Json, path: string | number | undefined): Json {
  if (path === undefined) return item;
  const value = lookUpPath(item, path);
  if (value !== undefined) return value;
  throw new Complaint(`an item has no '${path}'`, `select those that have it: selectattr('${path}', 'defined')`);
}

/** Folds the case of strings for case-insensitive orders; other values are unchanged. */
export function foldCase(value: Json, caseSensitive: boolean): Json {
  return typeof value === 'string' && !caseSensitive ? value.toLowerCase() : value;
}
