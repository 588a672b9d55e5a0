import { escapeControls } from './escape.ts';
import { nextParts } from './words.ts';

/** An empty comment, which no page shows: what is on both sides of it is not read as one word. */
const BREAK = '<!-- -->';

/**
 * Escapes any text (https://spec.commonmark.org): a backslash removes the meaning of any of these characters; `<` and `&` become
 * references. Characters that have a meaning only at the start of a line are not escaped elsewhere: names and dates often contain them, and
 * people read the source.
 */
export function markdownText(value: string): string {
  const escaped = escapeControls(value)
    .replace(/[\\`*_{}[\]()#+!|~>@$]/g, '\\$&')
    .replace(/^(\s*)(?=-)|^(\s*\d+)(?=\.(?:\s|$))/, '$&\\')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
  return withoutReferences(escaped);
}

/**
 * Names of people, numbers of issues, and addresses: GitHub looks for them after it has taken the backslashes away
 * (https://github.com/github/markup/issues/1168), and would notify people or link to anywhere.
 */
function withoutReferences(escaped: string): string {
  return escaped.replace(/@(?=\w)|(?:[#!]|&amp;|\bGH-)(?=\d)|:(?=\/\/)|\bwww(?=\.)/gi, `$&${BREAK}`);
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

/** Lines as they are, in a fence that none of them can end. Nothing in it is formatted, linked or mentions anybody. */
export function markdownCode(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.map((line) => /^\s*(`*)\s*$/.exec(line)?.[1]?.length ?? 0));
  const fence = '`'.repeat(longest + 1);
  return [fence, ...lines, fence].join('\n');
}
