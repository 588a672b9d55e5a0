import { escapeControls } from './escape.ts';
import { nextParts } from './words.ts';

/**
 * Any text as text: https://spec.commonmark.org: a backslash takes the meaning from any of these; `<` and `&` begin nothing as references.
 * What means something only where a line begins is left as it is elsewhere: names and dates are full of it, and people read the source.
 */
export function markdownText(value: string): string {
  return escapeControls(value)
    .replace(/[\\`*_{}[\]()#+!|~>@]/g, '\\$&')
    .replace(/^(\s*)(?=-)|^(\s*\d+)(?=\.(?:\s|$))/, '$&\\')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
}

/**
 * A line under "Next" with its command (`to undo it: kplay rollback …`) as code: it is copied from the source of the page as well. One that
 * holds what ends code or begins a tag is text.
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
