import type { Command } from 'commander';

/**
 * The words of a command line as the parser is to read them. Help for a command that there is not is no help: without the
 * option the parser says what is wrong. An option that is written with one dash, as Terraform's are, is not the short one that
 * begins alike, with a strange value.
 */
export function readableWords(program: Command, argv: readonly string[]): readonly string[] {
  const { command, unknown } = commandOf(program, argv);
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const long = new Set(command.options.map((option) => option.long?.slice(2)));
  const single = words.find((word) => /^-[a-z][a-z-]+/.test(word) && long.has(word.slice(1).split('=')[0]));
  if (single !== undefined) command.error(`error: unknown option '${single}'\n(Did you mean -${single}?)`);
  const named = argv.map((word, index) => (end >= 0 && index > end ? word : knownName(word)));
  return unknown ? named.filter((word) => word !== '--help' && word !== '-h') : named;
}

/** Names that Ansible has for options besides the one that kplay lists. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([['--key-file', '--private-key']]);

function knownName(word: string): string {
  const [name = '', ...value] = word.split('=');
  const known = OTHER_NAMES.get(name);
  return known === undefined ? word : [known, ...value].join('=');
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

/** `run`, `certs csr`: what the user types for a command. */
export function pathOf(command: Command): string {
  const above = command.parent?.parent ? `${pathOf(command.parent)} ` : '';
  return above + command.name();
}
