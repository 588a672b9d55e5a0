import type { SourceRange } from '../../core/source.ts';
import type { ScalarTree } from '../../core/yaml/yaml.ts';

/** Where a text was written, so that any place in it can be shown in its file. */
export interface TextOrigin {
  /** The whole of what was written. */
  readonly range: SourceRange;
  /**
   * Offset in the file that the text's offset 0 stands for, when the file holds the text as it is. Absent where YAML
   * changed it (escapes, folded lines): then every place in it is shown as the whole range.
   */
  readonly start?: number;
}

/** The origin of a string that stands in a YAML file. */
export function originOf(scalar: ScalarTree): TextOrigin {
  const { value, contentStart, range } = scalar;
  const verbatim =
    typeof value === 'string' &&
    contentStart + value.length <= range.end &&
    range.file.text.startsWith(value, contentStart);
  return verbatim ? { range, start: contentStart } : { range };
}

/** The stretch `[start, end)` of a text, in its file. */
export function locate(origin: TextOrigin, start: number, end: number): SourceRange {
  if (origin.start === undefined) return origin.range;
  return origin.range.file.range(origin.start + start, origin.start + end);
}

/**
 * An origin that is exact for `[start, end)` of the text, when that stretch occurs exactly once in what was written: most
 * expressions in a block scalar do. Otherwise the origin as it is.
 */
export function narrow(origin: TextOrigin, text: string, start: number, end: number): TextOrigin {
  if (origin.start !== undefined) return origin;
  const { file, start: from, end: to } = origin.range;
  const stretch = text.slice(start, end);
  const written = file.text.slice(from, to);
  const first = written.indexOf(stretch);
  if (stretch === '' || first < 0 || written.indexOf(stretch, first + 1) >= 0) return origin;
  return { range: origin.range, start: from + first - start };
}
