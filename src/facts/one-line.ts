import { type ShellScript, sh } from '../core/shell.ts';

/** Replaces line ends in answers that have to fit on one line. */
const LINE_END = '\x1e';

/**
 * A shell filter. Link targets and directory names may contain line breaks, and the second line would be taken for another
 * answer.
 */
export const ONE_LINE: ShellScript = sh`tr '\n' '\036'`;

/** The output of `readlink`, from one line. */
export function linkTarget(line: string): string {
  return manyLines(line).replace(/\n$/, '');
}

/** Restores the line ends of a text that was put on one line. */
export function manyLines(line: string): string {
  return line.replaceAll(LINE_END, '\n');
}
