import { escapeLogCommands } from './escape.ts';

/**
 * Commands of a workflow's log in GitHub Actions, a line each, without the line's end.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function githubAnnotation(level: 'error' | 'warning', title: string, message: string): string {
  return `::${level} title=${property(title)}::${data(message)}`;
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
