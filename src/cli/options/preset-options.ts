import type { Command } from 'commander';

/**
 * Refuses options that would have no effect without another one. A variable or a default from a file is for the
 * commands where it has an effect.
 * @param needed the other one, as it is typed
 */
export function refuseAlone(own: Command, options: readonly string[], needed: string): void {
  const typed = own.options.find(
    (option) =>
      options.includes(option.attributeName()) &&
      own.getOptionValueSource(option.attributeName()) === 'cli' &&
      !option.presetAt,
  );
  if (typed) own.error(`error: option '${typed.long}' needs ${needed}`);
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
