import type { Command, Option } from 'commander';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { nearest } from '../../core/suggest.ts';
import { insteadOf } from './other-tools.ts';

/**
 * What the parser says of an unknown word, with suggestions only where they are near: to it `--reason` is like `--version`. Of a
 * word that another tool has, what takes its place.
 */
export function withNearWords(text: string): string {
  const [, word] = /^error: unknown (?:option|command) '(.*?)'/.exec(text) ?? [];
  if (word === undefined) return text;
  const suggestion = /\n\(Did you mean (?:one of )?(.*?)\?\)/;
  const instead = insteadOf(word);
  if (instead !== undefined) return `${text.replace(suggestion, '').trimEnd()}\n(${instead})\n`;
  return text.replace(suggestion, (said, list: string) => {
    const near = list.split(', ').filter((other) => nearest(bare(word), [bare(other)]) !== undefined);
    if (near.length === 0) return '';
    return near.length === 1 ? `\n(Did you mean ${near[0]}?)` : said;
  });
}

/** What the parser says, as a problem of the input: its message, and what stands in parentheses below it. */
export function parserProblem(text: string): Diagnostic {
  const [message = '', ...rest] = withNearWords(text).trim().split('\n');
  const hint = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  return { severity: 'error', message: message.replace(/^error: /, ''), ...(hint !== '' && { hint }) };
}

function bare(word: string): string {
  return word.replace(/^-+/, '');
}

/** An option that takes one value and is given again would lose the first in silence: that is refused, for all commands below. */
export function refuseSecondValues(command: Command): void {
  for (const option of command.options.filter(takesOneValue)) {
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' is given twice, and takes one value`);
      isGiven = true;
    });
  }
  for (const below of command.commands) refuseSecondValues(below);
}

/** Those that may be repeated begin with an empty list. */
function takesOneValue({ required, defaultValue }: Option): boolean {
  return required && !Array.isArray(defaultValue);
}
