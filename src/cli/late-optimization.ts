import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 optimize functions later than it would: a run lasts seconds, most of them waiting, and for a hundred hosts its
 * compilers took more time than their code saved (bench/README.md has the figures). Call it first.
 */
export function optimizeLate(v8Version: string = process.versions.v8): void {
  for (const flag of lateFlags(v8Version)) setFlagsFromString(flag);
}

/** V8 counts what a function has executed until 11 (Node.js 20), and how often it was called from 12 on (Node.js 22). */
export function lateFlags(v8Version: string): readonly string[] {
  return Number.parseInt(v8Version, 10) < 12
    ? ['--interrupt-budget=1000000']
    : ['--invocation-count-for-maglev=4000', '--invocation-count-for-turbofan=30000'];
}
