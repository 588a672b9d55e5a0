import { count } from '../../core/count.ts';
import { type Diagnostic, inReadingOrder } from '../../core/diagnostic.ts';
import { formatPosition, type SourceFile, type SourceRange } from '../../core/source.ts';
import type { MaskedLine } from '../secrets/mask.ts';
import { maskedLinesOfFiles, withoutSecrets } from '../secrets/source-mask.ts';
import { type Explained, foldAlike } from './alike-diagnostics.ts';
import { hangCommand } from './hang-command.ts';
import { excerptOf } from './source-excerpt.ts';
import { createStyle, type Style, type TextOptions } from './style.ts';
import { displayWidth, hang } from './width.ts';

interface Frame {
  readonly style: Style;
  readonly width: number;
  /** Width of the line numbers, the same for all. */
  readonly gutter: number;
  readonly linesOf: (file: SourceFile) => readonly MaskedLine[];
}

/** Nobody reads more at once: most often the file is not what it was taken for. */
const SHOWN = 100;

/**
 * Problems in the user's files, each with its place and line, a mark below it, and the hint beside the mark if there is room; then their
 * number. In reading order; where the same is wrong in many places, the later ones are only listed. Of more than a hundred the first are
 * shown, errors before warnings. Values that look like secrets are hidden. Without a final newline.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: TextOptions): string {
  const shown = withoutSecrets(inReadingOrder(firstOf(inReadingOrder(diagnostics))));
  const numbers = shown.map(({ range }) => (range ? range.file.position(range.start).line : 0));
  const frame: Frame = {
    style: createStyle(options),
    width: options.width,
    gutter: String(Math.max(0, ...numbers)).length,
    linesOf: maskedLinesOfFiles(),
  };
  const lines = foldAlike(shown).flatMap((explained) => explainedLines(explained, frame));
  return [...lines, closing(diagnostics)].join('\n');
}

/** Warnings must not hide an error. */
function firstOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= SHOWN) return diagnostics;
  const isError = ({ severity }: Diagnostic): boolean => severity === 'error';
  return [...diagnostics.filter(isError), ...diagnostics.filter((one) => !isError(one))].slice(0, SHOWN);
}

function explainedLines({ diagnostic, elsewhere }: Explained, frame: Frame): readonly string[] {
  const lines = problemLines(diagnostic, frame);
  if (elsewhere.length === 0) return lines;
  const places = elsewhere.map(formatPosition).join(', ');
  const text = `the same in ${count(elsewhere.length, 'more place')}: ${places}`;
  return [...lines, ...hang(`${' '.repeat(frame.gutter)}= `, frame.style.text(text), frame.width)];
}

function problemLines({ severity, message, range, hint }: Diagnostic, frame: Frame): readonly string[] {
  const { style, width } = frame;
  const color = severity === 'error' ? style.colors.red : style.colors.yellow;
  const head = hang(`${color(style.colors.bold(severity))}: `, style.text(message), width);
  if (range) return [...head, ...placeLines(range, hint, color, frame)];
  return hint === undefined ? head : [...head, ...hangCommand('  ', style.text(hint), width)];
}

function placeLines(
  range: SourceRange,
  hint: string | undefined,
  color: (text: string) => string,
  { style, width, gutter, linesOf }: Frame,
): readonly string[] {
  const { colors, marks } = style;
  const { line } = range.file.position(range.start);
  const masked = linesOf(range.file)[line - 1];
  const blank = ' '.repeat(gutter);
  const place = `${blank}${colors.dim(marks.corner)} ${style.text(formatPosition(range))}`;
  if (!masked) return [place];
  const bar = colors.dim(marks.bar);
  const excerpt = excerptOf(masked, spanOnLine(range, line), width - gutter - 2, style);
  const number = colors.dim(String(line).padStart(gutter));
  const carets = `${blank}${bar} ${' '.repeat(excerpt.indent)}${color('^'.repeat(excerpt.length))}`;
  const lines = [place, `${number}${bar} ${excerpt.text}`];
  if (hint === undefined) return [...lines, carets];
  const beside = `${carets} ${style.text(hint)}`;
  if (displayWidth(beside) <= width) return [...lines, beside];
  return [...lines, carets, ...hangCommand(`${blank}${bar} `, style.text(hint), width)];
}

/** The part of a range on its first line, in columns from 0. */
function spanOnLine({ file, start, end }: SourceRange, line: number): { readonly start: number; readonly end: number } {
  const from = file.position(start).column - 1;
  const to = file.position(end);
  return { start: from, end: to.line === line ? to.column - 1 : file.line(line).length };
}

/** `2 problems. No host was contacted.` */
function closing(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const counts = [
    ...(errors > 0 ? [count(errors, 'problem')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ].join(', ');
  if (counts === '') return 'No problems.';
  const some = diagnostics.length > SHOWN ? ` The first ${SHOWN} are shown.` : '';
  return errors > 0 ? `${counts}.${some} No host was contacted.` : `${counts}.${some}`;
}
