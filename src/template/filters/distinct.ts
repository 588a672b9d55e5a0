import type { Json } from '../../core/json.ts';
import { identityOf } from '../values/value.ts';

/** The items with distinct keys, each at the first occurrence of its key. */
export function distinct(items: readonly Json[], keyOf: (item: Json) => Json = (item) => item): readonly Json[] {
  const first = new Map<string, Json>();
  for (const item of items) {
    const key = identityOf(keyOf(item));
    if (!first.has(key)) first.set(key, item);
  }
  return [...first.values()];
}
