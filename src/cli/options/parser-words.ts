import { type Command, InvalidArgumentError, type Option } from 'commander';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { firstOf, nearest } from '../../core/suggest.ts';
import { wrap } from '../../report/text/width.ts';
import { insteadOf } from './other-tools.ts';

/** What to give for an argument that is missing, by its name. */
const ARGUMENT_HINTS: ReadonlyMap<string, string> = new Map([
  ['run', 'last is the last run; kplay history lists all'],
  ['playbook', 'renew-certs.yml, which ships with kplay, renews certificates'],
]);

/** For users of ansible-inventory, whose --graph takes a group. */
const WHOLE_GRAPH = '--graph prints all groups; ';

/** How many commands are named in place of one that there is not. */
const MOST_NAMED = 12;

const CONFLICT = /^error: option '.*' cannot be used with option '/;

/** A message about options that says where one was set that was not typed. */
function withPlace(text: string, { flags, presetAt }: Option): string {
  if (presetAt === undefined) return text;
  const { file, start } = presetAt;
  const { line, column } = file.position(start);
  return text.replace(`option '${flags}'`, (named) => `${named} (${file.shown}:${line}:${column})`);
}

const WRONG_ARGUMENT = /^error: command-argument value '(.*)' is invalid for argument '(.*?)'\./;

/**
 * The parser's message about an unknown word, without its far-fetched suggestions (`--version` for `--reason`); where none is left, commands
 * are named. For a word of another tool it names the equivalent.
 */
export function withCloseSuggestions(text: string, command: Command): string {
  const { options, commands } = command;
  const [, missing = ''] = /^error: missing required argument '(.*?)'/.exec(text) ?? [];
  const argument = ARGUMENT_HINTS.get(missing);
  if (argument !== undefined) return `${text.trimEnd()}\n(${argument})\n`;
  if (text.startsWith('error: too many arguments') && options.some(({ long }) => long === '--inventory'))
    return `${text.trimEnd()}\n(${command.name() === 'inventory' ? WHOLE_GRAPH : ''}an inventory is given with -i: -i prod.yml)\n`;
  if (WRONG_ARGUMENT.test(text)) return text.replace(WRONG_ARGUMENT, "error: argument '<$2>' cannot be '$1'.");
  if (CONFLICT.test(text)) return options.reduce(withPlace, text);
  const [, kind, word] = /^error: unknown (option|command) '(.*?)'/.exec(text) ?? [];
  if (word === undefined) return text;
  const suggestion = /\n\(Did you mean (?:one of )?(.*?)\?\)/;
  const instead = insteadOf(word);
  if (instead !== undefined) return `${text.replace(suggestion, '').trimEnd()}\n(${instead})\n`;
  const close = text.replace(suggestion, (match, list: string) => {
    const near = list.split(', ').filter((other) => nearest(bare(word), [bare(other)]) !== undefined);
    if (near.length === 0) return '';
    return near.length === 1 ? `\n(Did you mean ${near[0]}?)` : match;
  });
  if (kind === 'option' || suggestion.test(close)) return close;
  const names = commands.map((one) => one.name());
  return `${close.trimEnd()}\n(the commands are ${firstOf(names, MOST_NAMED)})\n`;
}

/** What the parser writes as an error, wrapped at words. Help is wrapped already: its indented lines stay as they are. */
export function fittedMessage(text: string, width: number): string {
  const lines = text.split('\n').flatMap((line) => (line.startsWith(' ') ? [line] : wrap(line, width)));
  return lines.join('\n');
}

/** The parser's message as a problem of the input; the part in parentheses becomes the hint. */
export function parserProblem(text: string, command: Command): Diagnostic {
  const [message = '', ...rest] = withCloseSuggestions(text, command).trim().split('\n');
  const hint = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  return { severity: 'error', message: message.replace(/^error: /, ''), ...(hint !== '' && { hint }) };
}

function bare(word: string): string {
  return word.replace(/^-+/, '');
}

/** Refuses a repeated option that takes one value, which would silently lose the first, for all commands. */
export function refuseRepeatedOptions(command: Command): void {
  for (const option of command.options.filter(takesOneValue)) {
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' is given twice, and takes one value`);
      isGiven = true;
    });
  }
  for (const below of command.commands) refuseRepeatedOptions(below);
}

/** What names something that is read, written or used, and so cannot be empty. Others say themselves what they lack. */
const NAMED = ['file', 'directory', 'playbook', 'name', 'id', 'key', 'signers'];

const UNSET = 'write what it is; a shell variable in its place is not set';

/** Refuses names that are empty, which would be ignored, or be the working directory, for all commands. */
export function refuseEmptyNames(program: Command): void {
  refuseEmptyOptions(program);
  program.hook('preAction', (_, command) => {
    const { registeredArguments, args } = command;
    const names = args.map((_, index) => (registeredArguments[index] ?? registeredArguments.at(-1))?.name() ?? '');
    const empty = names.find((name, index) => args[index] === '' && NAMED.includes(name));
    if (empty !== undefined) command.error(`error: argument '${empty}' is empty\n(${UNSET})`);
  });
}

function refuseEmptyOptions(command: Command): void {
  for (const option of command.options.filter((one) => takesOneValue(one) && NAMED.includes(placeholderOf(one)))) {
    const { parseArg } = option;
    // As the parser of the option, it is asked of files with defaults as well, which say where that is.
    option.argParser((value, previous: unknown) => {
      if (value === '') throw new InvalidArgumentError(`It is empty: ${UNSET}.`);
      return parseArg ? parseArg(value, previous as never) : value;
    });
  }
  for (const below of command.commands) refuseEmptyOptions(below);
}

function placeholderOf({ flags }: Option): string {
  return /<(\w+)>$/.exec(flags)?.[1] ?? '';
}

/** Repeatable options default to an empty list. */
function takesOneValue({ required, defaultValue }: Option): boolean {
  return required && !Array.isArray(defaultValue);
}
