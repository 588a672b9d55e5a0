import type { SourceRange } from '../core/source.ts';
import type { ScalarTree, Tree } from '../core/yaml/yaml.ts';

/** The range for messages about a value: its own, or the first line of a list or mapping. */
export function messageRange({ kind, range }: Tree): SourceRange {
  const { file, start, end } = range;
  const line = file.text.indexOf('\n', start);
  return kind === 'scalar' || line < 0 ? range : file.range(start, Math.min(end, line));
}

/** The range `[from, to)` of a text, if the file contains the text literally; else the range of the whole scalar. */
export function subrange({ value, range, contentStart }: ScalarTree, from: number, to: number): SourceRange {
  const verbatim = typeof value === 'string' && range.file.text.startsWith(value, contentStart);
  return verbatim ? range.file.range(contentStart + from, contentStart + to) : range;
}
