import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import * as sea from 'node:sea';

/** Beside a build, or in the single executable. */
const MAP = 'program.cjs.map';

/** A place in a build, as a stack shows it: `/usr/lib/kplay/dist/program.cjs:12:345`; the executable has a relative path. */
const PLACE_IN_BUILD = /(?:file:\/\/)?[^\s()]*\bprogram\.cjs:(\d+):(\d+)/g;

/**
 * The stack of an error. A build, whose names are shortened, has places such as `program.cjs:12:345`; each is replaced by that in the
 * sources: `src/cli/program.ts:20:5`.
 */
export function sourceStack(error: Error): string {
  const stack = error.stack ?? error.message;
  const map = stack.search(PLACE_IN_BUILD) < 0 ? undefined : mapOfBuild();
  return map ? stack.replace(PLACE_IN_BUILD, (place, line, column) => sourceOf(map, +line, +column) ?? place) : stack;
}

/** @param line and column count from 1. */
function sourceOf(map: SourceMap, line: number, column: number): string | undefined {
  const found = map.findEntry(line - 1, column - 1);
  return 'originalSource' in found
    ? `${found.originalSource}:${found.originalLine + 1}:${found.originalColumn + 1}`
    : undefined;
}

/** Undefined where there is none: not every build has one, and a bug has to be reported without it as well. */
function mapOfBuild(): SourceMap | undefined {
  try {
    const text = sea.isSea() ? sea.getAsset(MAP, 'utf8') : readFileSync(new URL(MAP, import.meta.url), 'utf8');
    return new SourceMap(JSON.parse(text));
  } catch {
    return undefined;
  }
}
