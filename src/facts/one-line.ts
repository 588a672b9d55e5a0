import { type ShellScript, sh } from '../core/shell.ts';

/** Stands for a line end, where an answer of a host has to be one line. */
const LINE_END = '\x1e';

/**
 * A filter of shell: whoever may make files can give a link a target of several lines, or a directory such a name, and the second
 * line would be taken for another answer.
 */
export const ONE_LINE: ShellScript = sh`tr '\n' '\036'`;

/** What `readlink` has printed, on one line. */
export function linkTarget(line: string): string {
  return manyLines(line).replace(/\n$/, '');
}

/** The text that was put on one line. */
export function manyLines(line: string): string {
  return line.replaceAll(LINE_END, '\n');
}
