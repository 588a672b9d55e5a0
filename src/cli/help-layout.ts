import type { HelpConfiguration } from 'commander';
import { displayWidth, hang, padEnd, widest, wrap } from '../report/text/width.ts';

/** With less room than this beside the terms, descriptions stand below them. */
const MIN_DESCRIPTION_WIDTH = 24;
const TERM_INDENT = '  ';
const DESCRIPTION_INDENT = '      ';
/** Between a term and its description. */
const GAP = '  ';

/** Help that fits a terminal of any width. */
export function helpLayout(width: number): HelpConfiguration {
  return {
    boxWrap: (text, room) => wrap(text, room).join('\n'),
    styleUsage: (text) => hang('Usage: ', text, width).join('\n').slice('Usage: '.length),
    formatItem: (term, termWidth, description) =>
      itemLines(hang(TERM_INDENT, term, width), termWidth, description, width).join('\n'),
  };
}

/** Commands, which are never wrapped because they are copied, with what they do. */
export function exampleList(examples: readonly (readonly [command: string, what: string])[], width: number): string {
  const commandWidth = widest(examples.map(([command]) => command));
  return examples
    .flatMap(([command, what]) => itemLines([TERM_INDENT + command], commandWidth, what, width))
    .map((line) => `${line}\n`)
    .join('');
}

/** A term with its description beside it, or below it if there is little room. */
function itemLines(term: readonly string[], termWidth: number, description: string, width: number): readonly string[] {
  const [first = ''] = term;
  if (description === '') return term;
  const column = TERM_INDENT.length + termWidth + GAP.length;
  if (width - column >= MIN_DESCRIPTION_WIDTH) return hang(padEnd(first, column), description, width);
  const below = wrap(description, width - displayWidth(DESCRIPTION_INDENT));
  return [...term, ...below.map((line) => DESCRIPTION_INDENT + line)];
}
