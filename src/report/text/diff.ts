import { structuredPatch } from 'diff';
import { maskLines } from '../secrets/mask.ts';
import type { Style } from './style.ts';

/** Texts that differ in more lines are not compared further: finding the shortest diff would take seconds. */
const MAX_EDITS = 1000;
const CONTEXT_LINES = 3;

/**
 * A unified diff of a file's text, with secrets hidden: `--- /etc/x`, `+++ /etc/x`, hunks. Without a final newline; empty if the texts are
 * equal.
 */
export function formatDiff(path: string, before: string, after: string, style: Style): string {
  if (before === after) return '';
  const { colors, text } = style;
  const name = text(path);
  const [hiddenBefore, hiddenAfter] = [withoutSecrets(before), withoutSecrets(after)];
  if (hiddenBefore === hiddenAfter) return `${name}: only hidden values differ`;
  const patch = structuredPatch(path, path, hiddenBefore, hiddenAfter, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDITS,
  });
  if (!patch) return `${name}: files differ`;
  const hunks = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    colors.cyan(`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`),
    ...lines.map((line) => diffLine(text(line), style)),
  ]);
  return [colors.bold(`--- ${name}`), colors.bold(`+++ ${name}`), ...hunks].join('\n');
}

function diffLine(line: string, { colors }: Style): string {
  if (line.startsWith('+')) return colors.green(line);
  return line.startsWith('-') ? colors.red(line) : line;
}

function withoutSecrets(content: string): string {
  return maskLines(content.split('\n'))
    .map((line) => line.text)
    .join('\n');
}
