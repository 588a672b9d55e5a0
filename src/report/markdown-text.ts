import { escapeControls } from './escape.ts';

/** Any text as text: https://spec.commonmark.org: a backslash takes the meaning from any of these; `<` and `&` begin nothing as references. */
export function markdownText(value: string): string {
  return escapeControls(value)
    .replace(/[\\`*_{}[\]()#+!|~>@-]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
}

/**
 * A line under "Next" with its command (`to undo it: kplay rollback …`) as code: it is copied from the source of the page as well. One that
 * holds what ends code or begins a tag is text.
 */
export function markdownCommand(line: string): string {
  const [, lead = '', command] = /^(|[^`]*?: )(kplay [^`<]*)$/.exec(line) ?? [];
  return command === undefined ? markdownText(line) : `${markdownText(lead)}\`${escapeControls(command)}\``;
}

/** A table of cells that are Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
