import { closeSync, openSync } from 'node:fs';
import { fromEnd } from './file-ends.ts';

const RESULTS = '"type":"run-finished"';
/** A host on which something was changed. A text that contains this has its quotes escaped. */
const CHANGED_HOST = /"changed":[1-9]/;

/**
 * Whether a run reported at its end that it changed something, as far as the end of its journal tells. A timer leaves thousands of runs
 * that did not, and with many hosts each of their journals is long: only its end is read. True if that says nothing.
 * @throws {Error} of the file system.
 */
export function endedChanged(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const changed = fromEnd(file, (tail) => {
      const text = tail.toString();
      const results = text.lastIndexOf(RESULTS);
      return results < 0 ? undefined : CHANGED_HOST.test(text.slice(results));
    });
    return changed ?? true;
  } finally {
    closeSync(file);
  }
}
