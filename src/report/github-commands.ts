import type { SourcePosition } from '../core/source.ts';
import { escapeLogCommands } from './escape.ts';

/**
 * Commands of a workflow's log in GitHub Actions, a line each, without the line's end.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
function githubAnnotation(level: Level, { title, message, position }: Annotation): string {
  const place = position ? [`file=${property(position.file)}`, `line=${position.line}`, `col=${position.column}`] : [];
  return `::${level} ${[...place, `title=${property(title)}`].join(',')}::${data(message)}`;
}

type Level = 'error' | 'warning';

/** What is said beside the log, and at a line of a file of the repository, where it is of one. */
export interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly position?: SourcePosition;
}

/** So many annotations of a level does GitHub show of a step; the others stand only in its log. */
const SHOWN = 10;

/** An annotation for each. Where GitHub will not show them all, the last one that it shows says so. */
export function githubAnnotations(level: Level, all: readonly Annotation[]): readonly string[] {
  const lines = all.map((one) => githubAnnotation(level, one));
  if (lines.length <= SHOWN) return lines;
  const shown = lines.slice(0, SHOWN - 1);
  const rest = lines.slice(SHOWN - 1);
  const title = `${rest.length} more ${level}s`;
  const message = `GitHub shows ${SHOWN} of a step: all of them stand in its log and in the summary of the job`;
  return [...shown, githubAnnotation(level, { title, message }), ...rest];
}

/** Lines that are folded under a title; without lines nothing. */
export function githubGroup(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return [`::group::${data(title)}`, ...lines.map((line) => ` ${data(escapeLogCommands(line))}`), '::endgroup::'];
}

/** A text that can neither end its command nor begin another. */
function data(text: string): string {
  return printable(text).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

/** Lines stay lines: they are written as references. */
function printable(text: string): string {
  return text.replace(/(?![\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\ufffd');
}
