import type { Command, Option } from 'commander';
import { nearest } from '../core/suggest.ts';
import { commandOf } from './command-words.ts';
import type { Environment } from './environment.ts';

const PREFIX = 'KPLAY_';

/** What kplay reads besides options. */
const OTHERS = ['DEBUG'];

/**
 * A command line with the options that variables of the environment give: `KPLAY_INVENTORY` is `--inventory`, for each command
 * that has it. An option that is typed wins. They are checked as typed ones are, and conflict as these do: none is passed over.
 */
export function withVariables(
  program: Command,
  argv: readonly string[],
  { variables, stderr }: Environment,
): readonly string[] {
  warnOfMisspelt(program, variables, stderr);
  const { command, index } = commandOf(program, argv);
  if (command === program) return argv;
  const end = argv.indexOf('--');
  const typed = end < 0 ? argv : argv.slice(0, end);
  const given = command.options.flatMap((option) => {
    const value = variables[variableOf(option)];
    return value === undefined || value === '' || typed.some((word) => names(option, word))
      ? []
      : wordsOf(option, value, command);
  });
  return [...argv.slice(0, index + 1), ...given, ...argv.slice(index + 1)];
}

/** `KPLAY_HOST_KEY_CHECKING`. */
function variableOf({ long }: Option): string {
  return PREFIX + (long ?? '').replace(/^--/, '').replaceAll('-', '_').toUpperCase();
}

/** Whether a typed word is this option: `-i`, `-iprod.yml`, `--inventory`, `--inventory=prod.yml`. */
function names({ short, long }: Option, word: string): boolean {
  return word === long || word.startsWith(`${long}=`) || (short !== undefined && shortNames(word, short));
}

function shortNames(word: string, short: string): boolean {
  return word.startsWith(short) && !word.startsWith('--');
}

function wordsOf(option: Option, value: string, command: Command): readonly string[] {
  const { long = '' } = option;
  if (option.required) return [`${long}=${value}`];
  // Of the options without a value only -v counts how often it is given.
  if (long === '--verbose' && /^[0-3]$/.test(value)) return Array<string>(Number(value)).fill(long);
  if (/^(?:1|true|yes|on)$/i.test(value)) return [long];
  if (/^(?:0|false|no|off)$/i.test(value)) return [];
  return command.error(`error: ${variableOf(option)} is '${value}', and ${long} is on or off: write true or false`);
}

/** One that is nearly the name of another is a slip of the pen; any other may be meant for somebody else. */
function warnOfMisspelt(program: Command, variables: Environment['variables'], stderr: Environment['stderr']): void {
  const own = Object.keys(variables).filter((name) => name.startsWith(PREFIX));
  if (own.length === 0) return;
  const known = new Set([...optionsBelow(program).map(variableOf).map(withoutPrefix), ...OTHERS]);
  for (const name of own.map(withoutPrefix).filter((one) => !known.has(one))) {
    const meant = nearest(name, known);
    if (meant !== undefined)
      stderr.write(`warning: the variable ${PREFIX}${name} is of no effect: did you mean ${PREFIX}${meant}?\n`);
  }
}

function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length);
}

function optionsBelow({ options, commands }: Command): readonly Option[] {
  return [...options, ...commands.flatMap(optionsBelow)];
}
