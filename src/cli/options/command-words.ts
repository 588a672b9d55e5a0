import type { Command, Option } from 'commander';
import { insteadOf } from './other-tools.ts';

/**
 * The words of a command line as the parser is to read them. Help for a command that there is not is no help: without the
 * option the parser says what is wrong. An option that is written with one dash, as Terraform's are, is not the short one that
 * begins alike, with a strange value. What is typed behind an option that there is not, or that takes no value, may be a password:
 * the parser is not told of it, for it quotes what it does not know.
 */
export function readableWords(program: Command, argv: readonly string[]): readonly string[] {
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
    end >= 0 && index > end ? word : withoutUnasked(command, knownName(word), argv[index - 1] ?? ''),
  );
  return unknown ? named.filter((word) => word !== '--help' && word !== '-h') : named;
}

/** Names that Ansible has for options besides the one that kplay lists. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([['--key-file', '--private-key']]);

function knownName(word: string): string {
  const [name = '', ...value] = word.split('=');
  const known = OTHER_NAMES.get(name);
  return known === undefined ? word : [known, ...value].join('=');
}

/** An option without the value that it does not take. @param before the word before it, whose value the word may be. */
function withoutUnasked(command: Command, word: string, before: string): string {
  if (!word.startsWith('-') || lettersOf(command, before).at(-1)?.required) return word;
  const [name = ''] = word.split('=');
  if (!word.startsWith('--')) {
    const letters = lettersOf(command, word);
    const strange = letters.indexOf(undefined);
    if (strange >= 0 && word.length > 2) command.error(`error: unknown option '-${word.charAt(strange + 1)}'`);
    return word;
  }
  const option = command.options.find(({ long }) => long === name);
  if (!option || name === word) return name;
  if (!takesValue(option)) command.error(`error: option '${name}' takes no value`);
  return word;
}

/** Whether a word of a command line gives this option of the command: `-i`, `-iprod.yml`, `-bi`, `--inventory=prod.yml`. */
export function isGivenBy(command: Command, option: Option, word: string): boolean {
  return word.startsWith(`${option.long}=`) || lettersOf(command, word).includes(option);
}

/** The options that a word names: one, or several by their letters, of which the last may take what follows. */
function lettersOf(command: Command, word: string): readonly (Option | undefined)[] {
  if (word.startsWith('--')) return [command.options.find(({ long }) => long === word)];
  if (!/^-[^-]/.test(word)) return [];
  const letters = [...word.slice(1)].map((letter) => command.options.find(({ short }) => short === `-${letter}`));
  const last = letters.findIndex((option) => option === undefined || takesValue(option));
  return last < 0 ? letters : letters.slice(0, last + 1);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

/** The command that is named, as far as it is known, at which word, and whether a word in the place of a command's name is none. */
export function commandOf(
  program: Command,
  argv: readonly string[],
): { readonly command: Command; readonly index: number; readonly unknown: boolean } {
  let command = program;
  let last = -1;
  for (const [index, word] of argv.entries()) {
    if (command.commands.length === 0) break;
    // No option takes a value before the name of a command.
    if (word.startsWith('-')) continue;
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (!next) return { command, index: last, unknown: word !== 'help' };
    command = next;
    last = index;
  }
  return { command, index: last, unknown: false };
}

/** What `-o` of the command that is named can be given; undefined for a command that has none, or takes any. */
export function outputsOf(program: Command, argv: readonly string[]): readonly string[] | undefined {
  return commandOf(program, argv).command.options.find(({ long }) => long === '--output')?.argChoices;
}

/** `run`, `certs csr`: what the user types for a command. */
export function pathOf(command: Command): string {
  const above = command.parent?.parent ? `${pathOf(command.parent)} ` : '';
  return above + command.name();
}
