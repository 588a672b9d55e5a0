import { type Command, InvalidArgumentError, type Option } from 'commander';
import type { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';

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
    try {
      option.parseArg?.(value, option.defaultValue as string);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      problems.error(`${name} cannot be '${value}'`, range, hintOf(error, option));
      return undefined;
    }
  }
  return { option, words: values.map((value) => `${option.long}=${value}`), range };
}

function hintOf({ message }: InvalidArgumentError, { argChoices }: Option): string {
  if (argChoices)
    return argChoices.length === 1 ? `kplay only supports ${argChoices[0]}` : `choose one of: ${argChoices.join(', ')}`;
  const text = message.replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
