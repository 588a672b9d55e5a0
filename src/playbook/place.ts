import type { SourceRange } from '../core/source.ts';
import type { ScalarTree, Tree } from '../core/yaml/yaml.ts';

/** Where a message about a value points: to it, or to the first line of a list or mapping. */
export function placeOf({ kind, range }: Tree): SourceRange {
  const { file, start, end } = range;
  const line = file.text.indexOf('\n', start);
  return kind === 'scalar' || line < 0 ? range : file.range(start, Math.min(end, line));
}

/** The stretch `[from, to)` of a text, where the file holds the text as it is; else the whole of what is written. */
export function stretchOf({ value, range, contentStart }: ScalarTree, from: number, to: number): SourceRange {
  const verbatim = typeof value === 'string' && range.file.text.startsWith(value, contentStart);
  return verbatim ? range.file.range(contentStart + from, contentStart + to) : range;
}
