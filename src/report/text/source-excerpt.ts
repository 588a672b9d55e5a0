import type { MaskedLine } from '../secrets/mask.ts';
import type { Style } from './style.ts';
import { cut, displayWidth } from './width.ts';

/** A line of a source file as shown, and the columns of the marks below it. */
export interface Excerpt {
  readonly text: string;
  readonly indent: number;
  readonly length: number;
}

const TAB = '    ';
/** The share of a shortened line that is kept before the mark. */
const LEAD_SHARE = 0.4;

/** The line with tabs expanded and control characters escaped, shortened to `width` columns around the marked span. */
export function excerptOf(
  line: MaskedLine,
  span: { readonly start: number; readonly end: number },
  width: number,
  style: Style,
): Excerpt {
  const start = line.column(span.start);
  const end = Math.max(start, line.column(span.end));
  const before = printable(line.text.slice(0, start), style);
  const marked = printable(line.text.slice(start, end), style);
  const text = printable(line.text, style).trimEnd();
  const indent = displayWidth(before);
  const length = Math.max(1, displayWidth(marked));
  if (displayWidth(text) <= width) return { text, indent, length };
  return cutAround(text, indent, length, width, style);
}

function cutAround(text: string, indent: number, length: number, width: number, style: Style): Excerpt {
  const hidden = cut(text, Math.max(0, indent - Math.floor(width * LEAD_SHARE)), '');
  const lead = hidden === '' ? '' : style.marks.ellipsis;
  const shownIndent = indent - displayWidth(hidden) + displayWidth(lead);
  return {
    text: style.cut(lead + text.slice(hidden.length), width),
    indent: shownIndent,
    length: Math.max(1, Math.min(length, width - shownIndent)),
  };
}

function printable(text: string, style: Style): string {
  return style.text(text.replaceAll('\t', TAB));
}
