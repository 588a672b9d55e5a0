import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Recipe } from '../../core/journal.ts';
import { SourceFile } from '../../core/source.ts';
import { embeddedText } from '../inputs/package-files.ts';

/** All files that a tree was read from, found by the source ranges in it. */
export function sourceFilesIn(root: unknown): readonly SourceFile[] {
  const seen = new Set<object>();
  const files = new Set<SourceFile>();
  const waiting: unknown[] = [root];
  for (let next = waiting.pop(); waiting.length > 0 || next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof SourceFile) files.add(next);
    else for (const part of partsOf(next)) waiting.push(part);
  }
  return [...files];
}

function* partsOf(value: object): Generator<unknown> {
  if (value instanceof Map) {
    yield* value.keys();
    yield* value.values();
  } else if (value instanceof Set) yield* value;
  else yield* Object.values(value);
}

/**
 * By absolute path. Sources that are not files, such as options, are left out.
 * @param partOf what is digested of each text
 */
export function digestsOf(files: readonly SourceFile[], partOf = (text: string): string => text): Recipe['files'] {
  const digests = files.flatMap(({ path, text }) => {
    const absolute = resolve(path);
    return existsSync(absolute) || embeddedText(absolute) !== undefined
      ? [[absolute, createHash('sha256').update(partOf(text)).digest('hex')] as const]
      : [];
  });
  return Object.fromEntries(digests.sort(([a], [b]) => (a < b ? -1 : 1)));
}
