import type { Command, Option } from 'commander';
import type { Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument, type SourceRange } from '../../core/source.ts';
import { nearest } from '../../core/suggest.ts';
import type { Environment } from '../environment.ts';
import { whyWrong } from './wrong-values.ts';

/** Variables of this name set options. */
export const PREFIX = 'KPLAY_';

/** Variables that kplay reads and that are not options. */
const OTHER_VARIABLES = ['DEBUG'];

/**
 * Options of some commands that have no variable, because the same name means something else for most commands: KPLAY_KUBECONFIG has paths
 * on hosts, but `kplay init` reads a local file.
 */
const WITHOUT_VARIABLE = ['init --kubeconfig'];

/**
 * Options whose values differ from command to command: KPLAY_SORT_BY names a column of one table, and other tables have others; only runs
 * know KPLAY_OUTPUT=tree, and a rollback does not know KPLAY_WINDOW=wait.
 */
const OF_ITS_COMMAND: readonly (string | undefined)[] = ['--sort-by', '--output', '--window'];

const ON = /^(?:1|true|yes|on)$/i;

/**
 * The options that environment variables set for a command: `KPLAY_INVENTORY` is `--inventory`. A typed option wins. Values are checked
 * as typed ones are, and wrong ones are left out. No words: the option is off.
 */
export function variableWords(
  command: Command,
  isTyped: (option: Option) => boolean,
  { variables }: Environment,
  problems: Problems,
): ReadonlyMap<Option, readonly string[]> {
  return new Map(
    command.options.flatMap((option) => {
      const value = variables[variableOf(option)];
      const isWithout = WITHOUT_VARIABLE.includes(`${command.name()} ${option.long}`);
      if (value === undefined || value === '' || isTyped(option) || isWithout || isOfOther(option, value, command))
        return [];
      const words = wordsOf(option, value, problems);
      return words === undefined ? [] : [[option, words] as const];
    }),
  );
}

/** The value of the variable that sets an option. */
export function placeOfVariable(option: Option, { variables }: Environment): SourceRange {
  const name = variableOf(option);
  return rangeOfArgument(name, variables[name] ?? '');
}

/** Whether a variable turns an option that takes no value on, or off; undefined if there is none. */
export function switchOf(option: Option, { variables }: Environment): boolean | undefined {
  const value = variables[variableOf(option)];
  return value === undefined || value === '' ? undefined : ON.test(value);
}

/** Whether a value is none for this command, but for the same option of another one. */
function isOfOther(option: Option, value: string, command: Command): boolean {
  if (!OF_ITS_COMMAND.includes(option.long) || option.argChoices?.includes(value)) return false;
  const all = optionsBelow(programOf(command));
  return all.some(({ long, argChoices }) => long === option.long && argChoices?.includes(value));
}

function programOf(command: Command): Command {
  return command.parent ? programOf(command.parent) : command;
}

/** `KPLAY_HOST_KEY_CHECKING`. */
function variableOf({ long }: Option): string {
  return PREFIX + (long ?? '').replace(/^--/, '').replaceAll('-', '_').toUpperCase();
}

function wordsOf(option: Option, value: string, problems: Problems): readonly string[] | undefined {
  const { long = '' } = option;
  const name = variableOf(option);
  const place = rangeOfArgument(name, value);
  if (option.required) {
    const hint = whyWrong(option, value);
    if (hint === undefined) return [`${long}=${value}`];
    problems.error(`${name} cannot be '${value}'`, place, hint);
    return undefined;
  }
  // Only -v, of the options without a value, can be repeated.
  if (long === '--verbose' && /^[0-3]$/.test(value)) return Array<string>(Number(value)).fill(long);
  if (ON.test(value)) return [long];
  if (/^(?:0|false|no|off)$/i.test(value)) return [];
  if (long === '--verbose') problems.error(`${name} cannot be '${value}'`, place, 'write 0, 1, 2 or 3');
  // A password may have been given to the option that asks for one, so it is not shown.
  else if (/-pass$/.test(long))
    problems.error(`${name} is neither true nor false`, undefined, `${long} is on or off: write true or false`);
  else problems.error(`${name} cannot be '${value}'`, place, `${long} is on or off: write true or false`);
  return undefined;
}

/** A near miss of a variable's name is a typing mistake; any other may belong to another program. */
export function warnOfMisspelt(program: Command, { variables, stderr }: Environment): void {
  const own = Object.keys(variables).filter((name) => name.startsWith(PREFIX));
  if (own.length === 0) return;
  const known = new Set([...optionsBelow(program).map(variableOf).map(withoutPrefix), ...OTHER_VARIABLES]);
  for (const name of own.map(withoutPrefix).filter((one) => !known.has(one))) {
    const suggested = nearest(name, known);
    if (suggested !== undefined)
      stderr.write(`warning: the variable ${PREFIX}${name} has no effect: did you mean ${PREFIX}${suggested}?\n`);
  }
}

function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length);
}

function optionsBelow({ options, commands }: Command): readonly Option[] {
  return [...options, ...commands.flatMap(optionsBelow)];
}
