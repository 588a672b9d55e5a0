import { parseArgs } from 'node:util';

/**
 * What a bench's command line says: options that take whole numbers from 1 on, with commas between them, and `--kplay FILE`, the
 * program that is measured (default dist/kplay.js).
 * @param defaults by the option's name, what counts where it is not given.
 * @throws {TypeError} when something else stands there.
 * @throws {RangeError} when it is no such number.
 */
export function readWords<const Name extends string>(
  words: readonly string[],
  defaults: Readonly<Record<Name, string>>,
): Readonly<Record<Name, readonly number[]>> & { readonly kplay: string } {
  const options = Object.entries<string>({ ...defaults, kplay: 'dist/kplay.js' }).map(
    ([name, otherwise]) => [name, { type: 'string', default: otherwise } as const] as const,
  );
  const { values } = parseArgs({ args: [...words], options: Object.fromEntries(options) });
  const numbers = Object.keys(defaults).map((name) => [name, wholeNumbers(name, String(values[name]))] as const);
  return { ...(Object.fromEntries(numbers) as Record<Name, readonly number[]>), kplay: String(values['kplay']) };
}

function wholeNumbers(name: string, text: string): readonly number[] {
  const numbers = text.split(',').map(Number);
  if (!numbers.every((number) => Number.isInteger(number) && number > 0))
    throw new RangeError(`--${name} takes whole numbers from 1 on, not ${text}`);
  return numbers;
}
