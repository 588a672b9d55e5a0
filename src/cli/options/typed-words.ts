import type { Command, Option } from 'commander';
import { lettersOf } from './command-words.ts';

/** A command line up to the word being typed. */
export interface Typed {
  readonly command: Command;
  readonly arguments: readonly string[];
  /** Values of `-i`. */
  readonly inventory: readonly string[];
  /** The value of `--state`. */
  readonly state: string | undefined;
  /** The option whose value is being typed. */
  readonly option: Option | undefined;
  readonly word: string;
  /** The last words of bash, put together as they were typed: `a,label:env=pr`. */
  readonly pattern: string;
  /** The part of them that bash replaces: `pr`. */
  readonly part: string;
}

/** Reads the words that a shell passes; the last one is being typed. */
export function readWords(program: Command, typed: readonly string[]): Typed {
  const words = whole(typed);
  const word = words.at(-1) ?? '';
  let command = program;
  let option: Option | undefined;
  const values: string[] = [];
  const given: [Option, string][] = [];
  for (const one of words.slice(0, -1)) {
    if (option) {
      given.push([option, one]);
      option = undefined;
    } else if (one.startsWith('-')) {
      const [found, value] = optionIn(command, one);
      if (found && value !== undefined) given.push([found, value]);
      else if (found?.required) option = found;
    } else {
      const next = command.commands.find((candidate) => candidate.name() === one);
      if (next) command = next;
      else values.push(one);
    }
  }
  const valuesOfOption = (name: string) => given.flatMap(([{ long }, value]) => (long === name ? [value] : []));
  const [inventory, state] = [valuesOfOption('--inventory'), valuesOfOption('--state').at(-1)];
  const last = typed.at(-1) ?? '';
  const part = isSeparator(last) ? '' : last;
  return { command, arguments: values, inventory, state, option, word, pattern: lastPattern(typed), part };
}

/** The last option that a word gives, with its value if that is in the word, too: `--output=json`, `-iprod.yml`, `-bi`. */
function optionIn(command: Command, word: string): readonly [option: Option | undefined, value: string | undefined] {
  const [name, value] = splitLong(word);
  const options = lettersOf(command, name);
  return [options.at(-1), word.startsWith('--') ? value : word.slice(1 + options.length) || undefined];
}

/** `--output=json`; a word of another form has no value. */
export function splitLong(word: string): readonly [name: string, value: string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/**
 * Bash splits words at `=`, `:` and `@` and passes these as words: `--limit = a : b`, `--report html = a.html`, `-e @ a.yml`,
 * `--extra-vars =@ a.yml`.
 */
function whole(words: readonly string[]): readonly string[] {
  const parts: string[] = [];
  let isJoined = false;
  for (const word of words.flatMap(separators)) {
    const before = parts.at(-1) ?? '';
    // The first part before a colon is another name of the same pattern.
    if (isJoined || /^[:&]+$/.test(word)) parts.pop();
    if (isJoined) parts.push(before + word);
    else if (word === '=' || word === '@') addSeparator(parts, word);
    else if (!/^[:&]+$/.test(word)) parts.push(word);
    isJoined = word === '=' || word === '@';
  }
  return /^[:&]+$/.test(words.at(-1) ?? '') ? [...parts, ''] : parts;
}

/** What follows is the value of an option, or goes on with the part before. */
function addSeparator(parts: string[], separator: '=' | '@'): void {
  const before = parts.at(-1) ?? '';
  const isValue = separator === '=' ? before.startsWith('--') : /^(?:-|$)/.test(before);
  if (isValue) parts.push(separator === '=' ? '' : separator);
  else parts.push(`${parts.pop() ?? ''}${separator}`);
}

/** Bash passes separators that follow one another as one word: `=@`. */
function separators(word: string): readonly string[] {
  return isSeparator(word) ? (word.match(/[:&]+|[=@]/g) ?? []) : [word];
}

/** The words from the last one that no separator connects with the one before, put together. */
function lastPattern(words: readonly string[]): string {
  const parts = words.flatMap(separators);
  let start = parts.length - 1;
  while (start > 0 && (isSeparator(parts[start]) || isSeparator(parts[start - 1]))) start -= 1;
  return parts.slice(Math.max(start, 0)).join('');
}

function isSeparator(word = ''): boolean {
  return /^[=:&@]+$/.test(word);
}
