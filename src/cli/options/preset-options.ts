import type { Command, Option } from 'commander';
import { DOCUMENTS } from '../../report/text/document-text.ts';

/**
 * Refuses options that would have no effect without another one. A variable or a default from a file is for the
 * commands where it has an effect.
 * @param needed the other one, as it is typed
 */
export function refuseAlone(own: Command, options: readonly string[], needed: string): void {
  const typed = typedAmong(own, options);
  if (typed) own.error(`error: option '${typed.long}' needs ${needed}`);
}

/** Refuses options that say how people are shown something, where a program reads it: its times are in UTC, and nothing is left out. */
export function refuseInDocument(own: Command, options: readonly string[]): void {
  const output = own.getOptionValue('output');
  if (!DOCUMENTS.includes(output)) return;
  // With -vvv, a bug is shown with its place, whatever the output.
  const isForBugs = own.getOptionValue('verbose') >= 3;
  const typed = typedAmong(own, isForBugs ? options.filter((name) => name !== 'verbose') : options);
  if (typed) own.error(`error: option '${typed.long}' has no effect with -o ${output}`);
}

function typedAmong(own: Command, options: readonly string[]): Option | undefined {
  return own.options.find(
    (option) =>
      options.includes(option.attributeName()) &&
      own.getOptionValueSource(option.attributeName()) === 'cli' &&
      !option.presetAt,
  );
}

/** Whether the value of an option comes from a variable or a file, which may be for other commands. */
export function isPreset(own: Command, option: string): boolean {
  return own.options.some((one) => one.attributeName() === option && one.presetAt !== undefined);
}

/**
 * Gives an option another value, unless somebody typed the one it has: what is set for all commands stops none of them. Problems with what
 * it has then are not told where the other value stands.
 */
export function replacePreset(own: Command, option: string, value: unknown): void {
  const preset = own.options.find((one) => one.attributeName() === option && one.presetAt !== undefined);
  if (!preset) return;
  delete preset.presetAt;
  own.setOptionValue(option, value);
}
