import { isJsonArray, isJsonObject, type JsonObject } from '../../core/json.ts';
import { mapping } from '../shape.ts';
import { type Test, test } from '../signature.ts';
import { isTruthy } from '../values/value.ts';

/** Tests of a registered result for how the task ended. */
export const RESULT_TESTS: readonly Test[] = [
  test(['succeeded', 'success', 'successful'], mapping, {}, (result) => !says(result, 'failed')),
  test(['failed', 'failure'], mapping, {}, (result) => says(result, 'failed')),
  test(['changed', 'change'], mapping, {}, (result) =>
    Object.hasOwn(result, 'changed') ? says(result, 'changed') : hasChangedEntry(result),
  ),
  test(['skipped', 'skip'], mapping, {}, (result) => says(result, 'skipped')),
  test('unreachable', mapping, {}, (result) => says(result, 'unreachable')),
];

function says(result: JsonObject, word: string): boolean {
  return Object.hasOwn(result, word) && isTruthy(result[word] ?? null);
}

/** Of a loop; asked only where the result does not say so itself. */
function hasChangedEntry({ results = null }: JsonObject): boolean {
  return isJsonArray(results) && results.some((entry) => isJsonObject(entry) && says(entry, 'changed'));
}
