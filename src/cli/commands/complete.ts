import type { Command, Option } from 'commander';
import { Problems } from '../../core/diagnostic.ts';
import { escapeControls } from '../../report/escape.ts';
import { defaultInventory } from '../defaults/with-defaults.ts';
import type { Environment } from '../environment.ts';
import type { InventoryNames } from '../inputs/inventory-names.ts';
import { shippedPlaybooks } from '../inputs/package-files.ts';

/** The candidates for a word. */
interface Candidates {
  readonly names: readonly string[];
  /** A description of each, in one line. */
  readonly about?: ReadonlyMap<string, string>;
  /** Also complete file names, by the shell. */
  readonly files?: boolean;
}

const NONE: Candidates = { names: [] };
const FILES: Candidates = { names: [], files: true };

/** A command line up to the word being typed. */
interface Typed {
  readonly command: Command;
  readonly arguments: readonly string[];
  /** Values of `-i`. */
  readonly inventory: readonly string[];
  /** The option whose value is being typed. */
  readonly option: Option | undefined;
  readonly word: string;
}

/**
 * `kplay __complete WORD…`, for shells: prints a line for each candidate for the last word, with its description after a tab if there is
 * one. Inputs that cannot be read yield no candidates and no errors; no host is contacted.
 */
export async function complete(program: Command, words: readonly string[], environment: Environment): Promise<number> {
  const { stdout } = environment;
  const read = readWords(program, words);
  const typed =
    read.inventory.length > 0
      ? read
      : { ...read, inventory: await defaultInventory(program, read.command, environment) };
  const { names, files, about } = await candidates(typed, environment).catch(() => NONE);
  const fitting = [...new Set(names)].filter((name) => name.startsWith(typed.word) && escapeControls(name) === name);
  const lines = fitting.map((name) => {
    const description = about?.get(name);
    return description === undefined ? name : `${name}\t${escapeControls(description)}`;
  });
  stdout.write([...lines, ...(files ? [':files'] : [])].map((line) => `${line}\n`).join(''));
  return 0;
}

/** Bash splits words at `=` and `:` and passes these as words: `--limit = a : b`. */
function whole(words: readonly string[]): readonly string[] {
  const parts: string[] = [];
  for (const word of words) {
    if (word === '=') continue;
    // The first part is another name of the same pattern.
    if (/^[:&]+$/.test(word)) parts.pop();
    else parts.push(word);
  }
  return words.at(-1) === '=' || /^[:&]+$/.test(words.at(-1) ?? '') ? [...parts, ''] : parts;
}

function readWords(program: Command, typed: readonly string[]): Typed {
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
      const [name, value] = splitOption(one);
      const found = command.options.find(({ long, short }) => name === long || name === short);
      if (found && value !== undefined) given.push([found, value]);
      else if (found?.required) option = found;
    } else {
      const next = command.commands.find((candidate) => candidate.name() === one);
      if (next) command = next;
      else values.push(one);
    }
  }
  const inventory = given.flatMap(([{ long }, value]) => (long === '--inventory' ? [value] : []));
  return { command, arguments: values, inventory, option, word };
}

/** `--output=json`, `-iprod.yml`. */
function splitOption(word: string): readonly [name: string, value: string | undefined] {
  const at = word.indexOf('=');
  if (word.startsWith('--')) return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
  return word.length > 2 ? [word.slice(0, 2), word.slice(2)] : [word, undefined];
}

async function candidates(typed: Typed, environment: Environment): Promise<Candidates> {
  const { command, option, word } = typed;
  if (option) return valuesOf(option, typed, environment);
  const [name, value] = splitOption(word);
  const joined = value !== undefined && word.startsWith('--') && command.options.find(({ long }) => long === name);
  if (joined) {
    const found = await valuesOf(joined, { ...typed, word: value }, environment);
    return { ...found, names: found.names.map((one) => `${name}=${one}`) };
  }
  if (word.startsWith('-')) return described([...optionsOf(command), ['--help', 'show help']]);
  if (command.commands.length > 0)
    return described([
      ...command.commands.map((one) => [one.name(), one.description()] as const),
      ['help', 'show help'],
    ]);
  return argumentsOf(typed, environment);
}

function described(entries: readonly (readonly [name: string, about: string])[]): Candidates {
  return { names: entries.map(([name]) => name), about: new Map(entries) };
}

function optionsOf(command: Command): readonly (readonly [name: string, about: string])[] {
  return command.options.flatMap(({ long, description, hidden }) =>
    hidden || long === undefined || long === null ? [] : [[long, description] as const],
  );
}

async function valuesOf({ long, argChoices }: Option, typed: Typed, environment: Environment): Promise<Candidates> {
  if (argChoices) return { names: argChoices };
  switch (long) {
    case '--limit': {
      const { groups, hosts } = await namesOf(typed, environment);
      return { names: withLead(typed.word, [...groups, ...hosts]), files: typed.word.startsWith('@') };
    }
    case '--host':
      return { names: (await namesOf(typed, environment)).hosts };
    case '--start-at-task':
      return NONE;
    case '--tags':
    case '--skip-tags':
      return { names: withLead(typed.word, await tagNames(typed.arguments[0])) };
    default:
      return FILES;
  }
}

/** In a list or a pattern, keeps everything before the name being typed. */
function withLead(word: string, names: readonly string[]): readonly string[] {
  const [lead = ''] = /^(?:.*[,:&!])?/.exec(word) ?? [];
  return names.map((name) => lead + name);
}

async function namesOf({ inventory }: Typed, environment: Environment): Promise<InventoryNames> {
  const { inventoryNames } = await import('../inputs/inventory-names.ts');
  return (await inventoryNames(inventory, environment)) ?? { groups: [], hosts: [] };
}

async function tagNames(playbook: string | undefined): Promise<readonly string[]> {
  if (playbook === undefined) return [];
  const [{ loadPlaybook }, { tagsIn }, { catalogue }] = await Promise.all([
    import('../../playbook/load.ts'),
    import('../../playbook/step-tasks.ts'),
    import('../catalogue.ts'),
  ]);
  const read = loadPlaybook(playbook, catalogue, new Problems());
  return (read?.plays ?? []).flatMap((play) => [...play.tags, ...tagsIn(play)].map(({ value }) => value));
}

/** By the name of the next argument. */
async function argumentsOf({ command, arguments: before }: Typed, environment: Environment): Promise<Candidates> {
  const next = command.registeredArguments[before.length];
  switch (next?.name()) {
    case undefined:
      return NONE;
    case 'step': {
      const { registry } = await import('../../steps/registry.ts');
      return described([...registry.steps].map(([name, { summary }]) => [name, summary]));
    }
    case 'code': {
      const { PROBLEMS } = await import('../../core/problems/catalogue.ts');
      return described(Object.entries(PROBLEMS).map(([code, { title }]) => [code, title]));
    }
    case 'playbook':
      return { names: shippedPlaybooks(), files: true };
    case 'run': {
      const { KeptRuns } = await import('../journal/kept-runs.ts');
      return { names: ['last', ...new KeptRuns({}, environment).ids], files: true };
    }
    default:
      return next?.argChoices ? { names: next.argChoices } : FILES;
  }
}
