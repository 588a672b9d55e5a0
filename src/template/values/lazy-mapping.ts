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
