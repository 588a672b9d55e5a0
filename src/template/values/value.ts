import { canonicalJson, isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { writeJson } from './json-text.ts';
import { numberText } from './number-text.ts';

/** The kind of a value with its article, for messages. */
export function typeName(value: Json): string {
  if (value === null) return 'null';
  if (isJsonArray(value)) return 'a list';
  if (isJsonObject(value)) return 'a mapping';
  return `a ${typeof value}`;
}

/** As in Python: empty strings, lists and mappings, 0, false and null are false; everything else is true. */
export function isTruthy(value: Json): boolean {
  if (isJsonArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/**
 * A value inside a text: strings unchanged, numbers in decimal, `True` and `False` as Ansible prints them, lists and mappings
 * as JSON.
 * @throws {Complaint} for null, which is never wanted in a file
 */
export function displayText(value: Json): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'True' : 'False';
    default:
      if (value !== null) return writeJson(value);
      throw new Complaint('null cannot be part of a string', "quote it, or default it: | default('', true)");
  }
}

/** Equality of type and value, except that true is 1 and false 0, as in Python; the order of mappings is ignored. */
export function equals(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (typeof left === 'boolean') return typeof right === 'number' && Number(left) === right;
  if (typeof right === 'boolean') return left === Number(right);
  if (isJsonArray(left)) {
    return (
      isJsonArray(right) &&
      left.length === right.length &&
      left.every((item, index) => equals(item, right[index] as Json))
    );
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equals(left[key] as Json, right[key] as Json))
  );
}

/** A text that is the same exactly for equal values. */
export function identityOf(value: Json): string {
  return canonicalJson(asNumbers(value));
}

/** Replaces true and false by numbers. */
function asNumbers(value: Json): Json {
  if (typeof value === 'boolean') return Number(value);
  if (isJsonArray(value)) return value.map(asNumbers);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asNumbers(member)]));
}

/**
 * Negative, zero or positive if `left` sorts before, with or after `right`. Numbers, strings, booleans and lists can be
 * compared, each with their own kind.
 * @throws {Complaint} for anything else
 */
export function compare(left: Json, right: Json): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : Number(left > right);
  if (isJsonArray(left) && isJsonArray(right)) {
    const index = left.findIndex((item, at) => at >= right.length || !equals(item, right[at] as Json));
    if (index < 0 || index >= right.length) return left.length - right.length;
    return compare(left[index] as Json, right[index] as Json);
  }
  if (isJsonObject(left) && isJsonObject(right)) throw new Complaint('mappings have no order');
  const hint = [left, right].some((value) => typeof value === 'number')
    ? 'convert with | int, | float or | string'
    : undefined;
  throw new Complaint(`cannot compare ${typeName(left)} with ${typeName(right)}`, hint);
}
