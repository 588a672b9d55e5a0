import type { Command, Option } from 'commander';
import { insteadOf } from './other-tools.ts';

/**
 * The words of a command line as the parser is to read them. Help for an unknown command is not help: without that option the parser
 * reports the error. A long option with a single dash, as in Terraform, is refused instead of being read as a short option with a value.
 * The value of an unknown option, or of one that takes none, may be a password and is kept from the parser, which quotes what it does not
 * know. `help certs csr` and `certs help csr` are `certs csr --help`, since the parser's own command takes one word and passes over an
 * unknown one.
 */
export function readableWords(program: Command, argv: readonly string[]): readonly string[] {
  const at = commandOf(program, argv).index + 1;
  const named = argv.toSpliced(at, 1);
  if (argv[at] !== 'help' || named.length === at || !named.every((word) => /^[a-z]/.test(word)))
    return wordsOfCommand(program, argv);
  const { command, index, unknown } = commandOf(program, named);
  const extra = named[index + 1];
  if (extra !== undefined && !unknown && extra !== 'help')
    command.error(`error: '${pathOf(command)}' has no commands, so there is no '${extra}'`);
  return wordsOfCommand(program, [...named, '--help']);
}

function wordsOfCommand(program: Command, argv: readonly string[]): readonly string[] {
  const { command, unknown } = commandOf(program, argv);
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const long = new Set(command.options.map((option) => option.long?.slice(2)));
  for (const word of words.filter((one) => /^-[a-z][a-z-]+/.test(one))) {
    const [name = ''] = word.split('=');
    if (long.has(name.slice(1))) command.error(`error: unknown option '${name}'\n(Did you mean -${name}?)`);
    if (insteadOf(name) !== undefined) command.error(`error: unknown option '${name}'`);
  }
  const named = argv.map((word, index) =>
    end >= 0 && index > end ? word : withoutUnexpectedValue(command, supportedName(word), argv[index - 1] ?? ''),
  );
  return unknown ? named.filter((word) => word !== '--help' && word !== '-h') : named;
}

/** Ansible's additional names for options, with the one that kplay lists. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([['--key-file', '--private-key']]);

function supportedName(word: string): string {
  const [name = '', ...value] = word.split('=');
  const known = OTHER_NAMES.get(name);
  return known === undefined ? word : [known, ...value].join('=');
}

/** Removes a value that an option does not take. @param before the preceding word, whose value the word may be. */
function withoutUnexpectedValue(command: Command, word: string, before: string): string {
  if (!word.startsWith('-') || lettersOf(command, before).at(-1)?.required) return word;
  const [name = ''] = word.split('=');
  if (!word.startsWith('--')) {
    const letters = lettersOf(command, word);
    const unknownAt = letters.indexOf(undefined);
    if (unknownAt >= 0 && word.length > 2) command.error(`error: unknown option '-${word.charAt(unknownAt + 1)}'`);
    return word;
  }
  const option = command.options.find(({ long }) => long === name);
  if (!option || name === word) return name;
  if (!takesValue(option)) command.error(`error: option '${name}' takes no value`);
  return word;
}

/** Whether a word of a command line sets this option of the command: `-i`, `-iprod.yml`, `-bi`, `--inventory=prod.yml`. */
export function isGivenBy(command: Command, option: Option, word: string): boolean {
  return word.startsWith(`${option.long}=`) || lettersOf(command, word).includes(option);
}

/** The options that a word sets: one, or several letters, the last of which may take the rest as its value. */
export function lettersOf(command: Command, word: string): readonly (Option | undefined)[] {
  if (word.startsWith('--')) return [command.options.find(({ long }) => long === word)];
  if (!/^-[^-]/.test(word)) return [];
  const letters = [...word.slice(1)].map((letter) => command.options.find(({ short }) => short === `-${letter}`));
  const last = letters.findIndex((option) => option === undefined || takesValue(option));
  return last < 0 ? letters : letters.slice(0, last + 1);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

/** The command, as far as it is known, the index of its last word, and whether there is an unknown word in place of a subcommand. */
export function commandOf(
  program: Command,
  argv: readonly string[],
): { readonly command: Command; readonly index: number; readonly unknown: boolean } {
  let command = program;
  let last = -1;
  for (const [index, word] of argv.entries()) {
    if (command.commands.length === 0) break;
    // No option before the name of a command takes a value.
    if (word.startsWith('-')) continue;
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (!next) return { command, index: last, unknown: word !== 'help' };
    command = next;
    last = index;
  }
  return { command, index: last, unknown: false };
}

/** The values of `-o` of the command; undefined for a command without it, or with free values. */
export function outputsOf(program: Command, argv: readonly string[]): readonly string[] | undefined {
  return commandOf(program, argv).command.options.find(({ long }) => long === '--output')?.argChoices;
}

/** `run`, `certs csr`: the command as typed. */
export function pathOf(command: Command): string {
  const above = command.parent?.parent ? `${pathOf(command.parent)} ` : '';
  return above + command.name();
}
