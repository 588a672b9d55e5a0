import type { SourceRange } from '../core/source.ts';
import type { ScalarTree } from '../core/yaml/yaml.ts';

/** A part of a text, with its range. */
export interface Word {
  readonly text: string;
  readonly range: SourceRange;
}

/** The whole scalar as one word. */
export function wordOf({ raw, range }: ScalarTree): Word {
  return { text: raw, range };
}

/** The parts between white space. */
export function wordsOf(scalar: ScalarTree): readonly Word[] {
  return piecesOf(scalar, /\S+/g);
}

function piecesOf({ raw, range, contentStart }: ScalarTree, pattern: RegExp): readonly Word[] {
  const { file } = range;
  // Escapes and folded lines do not occur literally in the file: then the range is that of the whole scalar.
  const isVerbatim = file.text.startsWith(raw, contentStart);
  return [...raw.matchAll(pattern)].map(({ 0: text, index }) => ({
    text,
    range: isVerbatim ? file.range(contentStart + index, contentStart + index + text.length) : range,
  }));
}

/** The parts of a comma-separated list. */
export function partsOf({ text, range }: Word): readonly Word[] {
  const isVerbatim = range.end - range.start === text.length;
  return [...text.matchAll(/[^,]*/g)]
    .filter(({ 0: part, index }) => part !== '' || index === 0)
    .map(({ 0: part, index }) => ({
      text: part,
      range: isVerbatim ? range.file.range(range.start + index, range.start + index + part.length) : range,
    }));
}
