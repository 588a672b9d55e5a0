import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../core/json.ts';

/** The value at a key of a mapping, or at an index of a list or string; own members only, undefined if there is none. */
export function lookUp(subject: Json, key: Json): Json | undefined {
  if (isJsonObject(subject)) {
    const name = typeof key === 'number' ? String(key) : key;
    return typeof name === 'string' && Object.hasOwn(subject, name) ? subject[name] : undefined;
  }
  if (typeof key !== 'number' || !Number.isInteger(key)) return undefined;
  if (isJsonArray(subject)) return subject.at(key);
  return typeof subject === 'string' ? charactersOf(subject).at(key) : undefined;
}

/** The value at a path such as `a.b.0`; undefined if there is none. */
export function lookUpPath(subject: Json, path: string | number): Json | undefined {
  if (typeof path === 'number') return lookUp(subject, path);
  let value: Json | undefined = subject;
  for (const part of path.split('.')) {
    if (value === undefined) return undefined;
    value = lookUp(value, /^\d+$/.test(part) && isJsonArray(value) ? Number(part) : part);
  }
  return value;
}

/** The members of a collection: a list's items, a mapping's keys, a string's characters. */
export function membersOf(value: string | readonly Json[] | JsonObject): readonly Json[] | string {
  if (typeof value === 'string') return charactersOf(value);
  return isJsonObject(value) ? Object.keys(value) : value;
}

/** The characters of a text; a surrogate pair is one. */
export function charactersOf(text: string): readonly string[] | string {
  return /[\ud800-\udbff]/.test(text) ? [...text] : text;
}
