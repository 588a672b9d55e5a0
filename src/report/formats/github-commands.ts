import type { SourcePosition } from '../../core/source.ts';
import { escapeLogCommands } from '../text/escape.ts';

/**
 * Workflow commands of GitHub Actions, one per line, without a newline at the end.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
function githubAnnotation(level: Level, { title, message, position }: Annotation): string {
  const place = position ? [`file=${property(position.file)}`, `line=${position.line}`, `col=${position.column}`] : [];
  return `::${level} ${[...place, `title=${property(title)}`].join(',')}::${data(message)}`;
}

type Level = 'error' | 'warning';

/** An annotation: shown outside the log, and at a line of a file in the repository if it has one. */
export interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly position?: SourcePosition;
}

/** GitHub shows this many annotations of a level for a step; the others are only in its log. */
const SHOWN = 10;

/** An annotation for each item. If GitHub will not show all, the last one shown says so. */
export function githubAnnotations(level: Level, all: readonly Annotation[]): readonly string[] {
  const lines = all.map((one) => githubAnnotation(level, one));
  if (lines.length <= SHOWN) return lines;
  const shown = lines.slice(0, SHOWN - 1);
  const rest = lines.slice(SHOWN - 1);
  const title = `${rest.length} more ${level}s`;
  const message = `GitHub shows ${SHOWN} of a step: all of them stand in its log and in the summary of the job`;
  return [...shown, githubAnnotation(level, { title, message }), ...rest];
}

/** Lines that are folded under a title; empty without lines. */
export function githubGroup(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return [`::group::${data(title)}`, ...lines.map((line) => ` ${data(escapeLogCommands(line))}`), '::endgroup::'];
}

/** Escapes a text so that it neither ends its command nor starts another. */
function data(text: string): string {
  return printable(text).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

/** Newlines are kept as escapes. */
function printable(text: string): string {
  return text.replace(/(?![\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\ufffd');
}
