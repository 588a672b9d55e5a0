import { type Command, InvalidArgumentError, type Option } from 'commander';
import { nearest } from '../../core/suggest.ts';
import type { Environment } from '../environment.ts';

const PREFIX = 'KPLAY_';

/** What kplay reads besides options. */
const OTHERS = ['DEBUG'];

/** What an option of this name is of most commands is no value of these: KPLAY_KUBECONFIG has paths on the hosts, `kplay init` reads a file here. */
const WITHOUT_VARIABLE = ['init --kubeconfig'];

/**
 * The words of the options that variables of the environment give a command: `KPLAY_INVENTORY` is `--inventory`. An option that
 * is typed wins. They are checked as typed ones are, and conflict as these do: none is passed over. No words: it is off.
 */
export function variableWords(
  command: Command,
  isTyped: (option: Option) => boolean,
  { variables }: Environment,
): ReadonlyMap<Option, readonly string[]> {
  return new Map(
    command.options.flatMap((option) => {
      const value = variables[variableOf(option)];
      const isWithout = WITHOUT_VARIABLE.includes(`${command.name()} ${option.long}`);
      return value === undefined || value === '' || isTyped(option) || isWithout
        ? []
        : [[option, wordsOf(option, value, command)] as const];
    }),
  );
}

/** `KPLAY_HOST_KEY_CHECKING`. */
function variableOf({ long }: Option): string {
  return PREFIX + (long ?? '').replace(/^--/, '').replaceAll('-', '_').toUpperCase();
}

function wordsOf(option: Option, value: string, command: Command): readonly string[] {
  const { long = '' } = option;
  if (option.required) {
    refuseInvalid(option, value, command);
    return [`${long}=${value}`];
  }
  // Of the options without a value only -v counts how often it is given.
  if (long === '--verbose' && /^[0-3]$/.test(value)) return Array<string>(Number(value)).fill(long);
  if (/^(?:1|true|yes|on)$/i.test(value)) return [long];
  if (/^(?:0|false|no|off)$/i.test(value)) return [];
  // Who gives a password to an option that asks for one does not want to read it here.
  const said = /-pass$/.test(long) ? 'neither true nor false' : `'${value}'`;
  return command.error(`error: ${variableOf(option)} is ${said}, and ${long} is on or off: write true or false`);
}

/** As for an option that is typed, under the name of the variable: nobody has typed the option. */
function refuseInvalid(option: Option, value: string, command: Command): void {
  try {
    option.parseArg?.(value, option.defaultValue);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    command.error(`error: ${variableOf(option)} is '${value}': ${error.message}`);
  }
}

/** One that is nearly the name of another is a slip of the pen; any other may be meant for somebody else. */
export function warnOfMisspelt(program: Command, { variables, stderr }: Environment): void {
  const own = Object.keys(variables).filter((name) => name.startsWith(PREFIX));
  if (own.length === 0) return;
  const known = new Set([...optionsBelow(program).map(variableOf).map(withoutPrefix), ...OTHERS]);
  for (const name of own.map(withoutPrefix).filter((one) => !known.has(one))) {
    const meant = nearest(name, known);
    if (meant !== undefined)
      stderr.write(`warning: the variable ${PREFIX}${name} has no effect: did you mean ${PREFIX}${meant}?\n`);
  }
}

function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length);
}

function optionsBelow({ options, commands }: Command): readonly Option[] {
  return [...options, ...commands.flatMap(optionsBelow)];
}
