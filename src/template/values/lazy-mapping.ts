import type { Json, JsonObject } from '../../core/json.ts';
import { takeForSmall } from '../measure.ts';

/**
 * A mapping whose values are computed on first access. `find` may throw like an evaluation; the next access then calls it
 * again. `unlisted` are names that can be read but are not enumerated.
 */
export function lazyMapping(
  names: Iterable<string>,
  find: (name: string) => Json,
  unlisted: Iterable<string> = [],
): JsonObject {
  const mapping: Record<string, Json> = {};
  const define = (name: string, enumerable: boolean): void => {
    const get = (): Json => {
      const value = find(name);
      Object.defineProperty(mapping, name, { value, enumerable });
      return value;
    };
    Object.defineProperty(mapping, name, { get, enumerable, configurable: true });
  };
  for (const name of unlisted) define(name, false);
  for (const name of names) define(name, true);
  takeForSmall(mapping, Object.keys(mapping).length);
  return mapping;
}

/**
 * The same of names that many mappings have in common: it takes no longer to make than a mapping without any.
 * @param all what the names are the keys of
 */
export function mappingFromNames(
  all: ReadonlyMap<string, unknown>,
  find: (name: string) => Json,
  unlisted: ReadonlyMap<string, unknown>,
): JsonObject {
  const found = new Map<string, Json>();
  const get = (name: string): Json => {
    if (!found.has(name)) found.set(name, find(name));
    return found.get(name) ?? null;
  };
  const names = (key: string | symbol): key is string => typeof key === 'string' && (all.has(key) || unlisted.has(key));
  const mapping = new Proxy<JsonObject>(
    {},
    {
      get: (target, key) => (names(key) ? get(key) : Reflect.get(target, key)),
      has: (target, key) => names(key) || Reflect.has(target, key),
      ownKeys: () => [...new Set([...all.keys(), ...unlisted.keys()])],
      getOwnPropertyDescriptor: (_, key) =>
        names(key) ? { get: () => get(key), enumerable: all.has(key), configurable: true } : undefined,
    },
  );
  takeForSmall(mapping, all.size);
  return mapping;
}

/** A mapping that may have members of any other name as well. `find` and `names` throw where only a run can tell. */
export function openMapping(
  find: (name: string) => Json,
  names: () => readonly string[],
  absent: ReadonlySet<string>,
): JsonObject {
  const may = (key: string | symbol): key is string => typeof key === 'string' && !absent.has(key);
  return new Proxy<JsonObject>(
    {},
    {
      get: (target, key) => (may(key) ? find(key) : Reflect.get(target, key)),
      has: (target, key) => may(key) || Reflect.has(target, key),
      ownKeys: () => [...names()],
      getOwnPropertyDescriptor: (_, key) =>
        may(key) ? { get: () => find(key), enumerable: true, configurable: true } : undefined,
    },
  );
}
