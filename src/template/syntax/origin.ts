import type { SourceRange } from '../../core/source.ts';
import type { ScalarTree } from '../../core/yaml/yaml.ts';

/** The origin of a text, with which any position in it can be shown in its file. */
export interface TextOrigin {
  /** The range of the whole text as written. */
  readonly range: SourceRange;
  /**
   * Offset in the file of the text's offset 0, if the file contains the text literally. Absent if YAML changed it (escapes,
   * folded lines): then the whole range is shown for every position.
   */
  readonly start?: number;
}

/** The origin of a string in a YAML file. */
export function originOf(scalar: ScalarTree): TextOrigin {
  const { value, contentStart, range } = scalar;
  const verbatim =
    typeof value === 'string' &&
    contentStart + value.length <= range.end &&
    range.file.text.startsWith(value, contentStart);
  return verbatim ? { range, start: contentStart } : { range };
}

/** The range `[start, end)` of a text, in its file. */
export function locate(origin: TextOrigin, start: number, end: number): SourceRange {
  if (origin.start === undefined) return origin.range;
  return origin.range.file.range(origin.start + start, origin.start + end);
}

/**
 * An origin that is exact for `[start, end)` of the text, if that part occurs exactly once in the source: true for most
 * expressions in block scalars. Otherwise the origin unchanged.
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
