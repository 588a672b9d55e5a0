import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The event with the results of all hosts of a middling fleet; a longer one is found by reading more. */
const TAIL = 64 * 1024;
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
    const { size } = fstatSync(file);
    for (let length = TAIL; ; length *= 8) {
      const tail = Buffer.alloc(Math.min(length, size));
      const read = readSync(file, tail, 0, tail.length, size - tail.length);
      const text = tail.toString('utf8', 0, read);
      const results = text.lastIndexOf(RESULTS);
      if (results >= 0) return CHANGED_HOST.test(text.slice(results));
      if (length >= size) return true;
    }
  } finally {
    closeSync(file);
  }
}
