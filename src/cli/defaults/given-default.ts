import { type Command, InvalidArgumentError, type Option } from 'commander';
import type { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';

/** What something besides the command line gives an option: no words where it is switched off. */
export interface GivenDefault {
  readonly option: Option;
  readonly words: readonly string[];
  readonly range: SourceRange;
}

/** Where defaults of options are written. */
export interface DefaultsSource {
  /** What it gives options of a command; only those that `isOpen`, which nobody has decided before, are looked at. */
  readonly defaultsOf: (
    command: Command,
    isOpen: (option: Option) => boolean,
    problems: Problems,
  ) => readonly GivenDefault[];
}

/** The option of a command with this long name. */
export function optionNamed({ options }: Command, long: string): Option | undefined {
  return options.find((option) => option.long === long);
}

/** The words of an option with values, each of them checked as a typed one is; undefined when one is wrong. */
export function valueWords(
  option: Option,
  values: readonly string[],
  name: string,
  range: SourceRange,
  problems: Problems,
): GivenDefault | undefined {
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
