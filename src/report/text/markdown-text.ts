import { escapeControls } from './escape.ts';
import { nextParts } from './words.ts';

/**
 * Escapes any text (https://spec.commonmark.org): a backslash removes the meaning of any of these characters; `<` and `&` become
 * references. Characters that have a meaning only at the start of a line are not escaped elsewhere: names and dates often contain them, and
 * people read the source.
 */
export function markdownText(value: string): string {
  return escapeControls(value)
    .replace(/[\\`*_{}[\]()#+!|~>@]/g, '\\$&')
    .replace(/^(\s*)(?=-)|^(\s*\d+)(?=\.(?:\s|$))/, '$&\\')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
}

/**
 * A line under "Next" with its command (`to undo it: kplay rollback …`) as code, so that it can be copied from the rendered page too. A
 * command that contains a backtick or a tag is plain text.
 */
export function markdownCommand(line: string): string {
  const [lead, command] = nextParts(line);
  if (command === undefined || /[`<]/.test(command)) return markdownText(line);
  return `${markdownText(lead)}\`${escapeControls(command)}\``;
}

/** A table of cells that are Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
