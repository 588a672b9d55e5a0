import type { Command, Option } from 'commander';
import type { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { whyWrong } from '../options/wrong-values.ts';

/** A default for an option from somewhere other than the command line; no words: it is switched off. */
export interface OptionDefault {
  readonly option: Option;
  readonly words: readonly string[];
  readonly range: SourceRange;
}

/** A source of defaults for options. */
export interface DefaultsSource {
  /** The defaults for options of a command, limited to those that `isOpen` says nothing has set before. */
  readonly defaultsOf: (
    command: Command,
    isOpen: (option: Option) => boolean,
    problems: Problems,
  ) => readonly OptionDefault[];
}

/** The option of a command with this long name. */
export function optionNamed({ options }: Command, long: string): Option | undefined {
  return options.find((option) => option.long === long);
}

/** The words for an option with values, each checked like a typed one; undefined when one is wrong. */
export function valueWords(
  option: Option,
  values: readonly string[],
  name: string,
  range: SourceRange,
  problems: Problems,
): OptionDefault | undefined {
  for (const value of values) {
    const hint = whyWrong(option, value);
    if (hint === undefined) continue;
    problems.error(`${name} cannot be '${value}'`, range, hint);
    return undefined;
  }
  return { option, words: values.map((value) => `${option.long}=${value}`), range };
}
