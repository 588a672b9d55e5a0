import { escapeControls } from './escape.ts';

/** Any text as text: https://spec.commonmark.org: a backslash takes the meaning from any of these; `<` and `&` begin nothing as references. */
export function markdownText(value: string): string {
  return escapeControls(value)
    .replace(/[\\`*_{}[\]()#+!|~>@-]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
}

/** A table of cells that are Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
