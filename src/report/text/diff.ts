import { structuredPatch } from 'diff';
import { maskText } from '../secrets/mask.ts';
import type { Style } from './style.ts';

/** Texts that differ in more lines are not compared further: finding the shortest diff would take seconds. */
const MAX_EDITS = 1000;
const CONTEXT_LINES = 3;

/** Lines that differ, with those around them. */
export interface DiffHunk {
  /** `@@ -1,3 +1,4 @@` */
  readonly head: string;
  /** As they are in the texts, after ` `, `+`, `-` or `\`. */
  readonly lines: readonly string[];
}

/** The texts of a file before and after a change. */
export interface FileTexts {
  readonly before: string;
  readonly after: string;
  /** They differ in what has already been hidden in both. */
  readonly differsInHidden: boolean;
}

/** In which lines the texts differ, with secrets hidden; a clause if no lines can be shown. Undefined if they are equal. */
export function fileDiff({ before, after, differsInHidden }: FileTexts): readonly DiffHunk[] | string | undefined {
  if (before === after && !differsInHidden) return undefined;
  const [hiddenBefore, hiddenAfter] = [maskText(before), maskText(after)];
  if (hiddenBefore === hiddenAfter) return 'only hidden values differ';
  const patch = structuredPatch('', '', hiddenBefore, hiddenAfter, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDITS,
  });
  return (
    patch?.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => {
      return { head: `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, lines };
    }) ?? 'files differ'
  );
}

/** The same as a unified diff: `--- /etc/x`, `+++ /etc/x`, hunks. Without a final newline; empty if the texts are equal. */
export function formatDiff(path: string, texts: FileTexts, style: Style): string {
  const { colors, text } = style;
  const name = text(path);
  const hunks = fileDiff(texts);
  if (hunks === undefined) return '';
  if (typeof hunks === 'string') return `${name}: ${hunks}`;
  const lines = hunks.flatMap((hunk) => [
    colors.cyan(hunk.head),
    ...hunk.lines.map((line) => diffLine(text(line), style)),
  ]);
  return [colors.bold(`--- ${name}`), colors.bold(`+++ ${name}`), ...lines].join('\n');
}

function diffLine(line: string, { colors }: Style): string {
  if (line.startsWith('+')) return colors.green(line);
  return line.startsWith('-') ? colors.red(line) : line;
}
