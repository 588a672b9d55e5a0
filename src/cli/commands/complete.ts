import type { Command, Option } from 'commander';
import { Problems } from '../../core/diagnostic.ts';
import { escapeControls } from '../../report/text/escape.ts';
import type { ProjectEnvironment } from '../defaults/project-place.ts';
import { defaultOf } from '../defaults/with-defaults.ts';
import type { Environment } from '../environment.ts';
import type { InventoryNames } from '../inputs/inventory-names.ts';
import { shippedPlaybooks } from '../inputs/package-files.ts';
import type { KeptRuns } from '../journal/kept-runs.ts';
import { ReportOption } from '../options/options.ts';
import { readWords, splitLong, type Typed } from '../options/typed-words.ts';

/** The candidates for a word. */
interface Candidates {
  readonly names: readonly string[];
  /** A description of each, in one line. */
  readonly about?: ReadonlyMap<string, string>;
  /** Also complete file names, by the shell. */
  readonly files?: boolean;
  /** So many characters of the word stand before what the shell replaces. */
  readonly kept?: number;
}

const NONE: Candidates = { names: [] };
const FILES: Candidates = { names: [], files: true };

/** What an option of this machine's files calls its value. */
const IS_FILE = /<(?:file|directory|source|key|signers)>/;

/**
 * `kplay __complete WORD…`, for shells: prints a line for each candidate for the last word, with its description after a tab if there is
 * one. Inputs that cannot be read yield no candidates and no errors; no host is contacted.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  environment: ProjectEnvironment,
): Promise<number> {
  const { stdout } = environment;
  const read = readWords(program, words);
  const setElsewhere = (long: string): Promise<readonly string[]> =>
    defaultOf(long, program, read.command, environment).catch(() => []);
  const inventory = read.inventory.length > 0 ? read.inventory : await setElsewhere('--inventory');
  const state = read.state ?? (await setElsewhere('--state'))[0];
  const typed = { ...read, inventory, state };
  const { names, files, about, kept } = await candidates(typed, environment).catch(() => NONE);
  const fitting = [...new Set(names)].filter((name) => name.startsWith(typed.word) && escapeControls(name) === name);
  const lines = fitting.map((name) => {
    const description = about?.get(name);
    const shown = name.slice(kept);
    return description === undefined ? shown : `${shown}\t${escapeControls(description)}`;
  });
  stdout.write([...lines, ...(files ? [':files'] : [])].map((line) => `${line}\n`).join(''));
  return 0;
}

async function candidates(typed: Typed, environment: Environment): Promise<Candidates> {
  const { command, option, word } = typed;
  if (option) return valuesOf(option, typed, environment);
  const [name, value] = splitLong(word);
  const joined = value !== undefined && command.options.find(({ long }) => long === name);
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

async function valuesOf(option: Option, typed: Typed, environment: Environment): Promise<Candidates> {
  if (option.argChoices) return { names: option.argChoices };
  if (option instanceof ReportOption) return typed.word.includes('=') ? FILES : { names: option.kinds };
  switch (option.long) {
    case '--limit': {
      if (typed.command.name() === 'logs') return { names: withLead(typed.word, await hostsOfRun(typed, environment)) };
      const { groups, hosts, selections } = await namesOf(typed, environment);
      const chosen = selected(typed, selections);
      if (chosen) return chosen;
      return { names: withLead(typed.word, [...groups, ...hosts]), files: typed.word.startsWith('@') };
    }
    case '--host':
      return { names: (await namesOf(typed, environment)).hosts };
    case '--backup':
      return { names: await runIds(typed, environment) };
    case '--extra-vars':
      return { names: [], files: typed.word.startsWith('@') };
    case '--kubeconfig':
      // kplay check takes paths on the hosts.
      return typed.command.name() === 'init' ? FILES : NONE;
    case '--tags':
    case '--skip-tags':
      return { names: withLead(typed.word, await tagNames(typed.arguments[0])) };
    default:
      return IS_FILE.test(option.flags) ? FILES : NONE;
  }
}

async function keptRuns({ state }: Typed, environment: Environment): Promise<KeptRuns> {
  const { KeptRuns: Runs } = await import('../journal/kept-runs.ts');
  return new Runs({ ...(state !== undefined && { state }) }, environment);
}

async function runIds(typed: Typed, environment: Environment): Promise<readonly string[]> {
  return (await keptRuns(typed, environment)).ids;
}

/** The hosts of the run that was typed. */
async function hostsOfRun(typed: Typed, environment: Environment): Promise<readonly string[]> {
  const [word] = typed.arguments;
  if (word === undefined) return [];
  const { hostsOf } = await import('../journal/logs.ts');
  return hostsOf((await keptRuns(typed, environment)).find(word));
}

/** In a list or a pattern, keeps everything before the name being typed. */
function withLead(word: string, names: readonly string[]): readonly string[] {
  const [lead = ''] = /^(?:.*[,:&!])?/.exec(word) ?? [];
  return names.map((name) => lead + name);
}

/**
 * Behind `cluster:`, `label:` or `wave:` of a pattern: what the inventory has of it.
 * @returns undefined behind anything else
 */
function selected({ word, pattern, part }: Typed, selections: readonly string[]): Candidates | undefined {
  const behind = /(?:^|[,:&!=])((cluster|label|wave):)[^,:&!]*$/;
  const kind = selections.length > 0 ? behind.exec(pattern)?.[1] : undefined;
  if (kind === undefined) return undefined;
  const own = selections.filter((one) => one.startsWith(kind));
  if (behind.test(word)) return { names: own.map((one) => word.slice(0, word.lastIndexOf(kind)) + one) };
  // Bash has parted it at the colon, and at the = of a label.
  return { names: own.map((one) => one.slice(kind.length)), kept: word.length - part.length };
}

async function namesOf({ inventory }: Typed, environment: Environment): Promise<InventoryNames> {
  const { inventoryNames } = await import('../inputs/inventory-names.ts');
  return (await inventoryNames(inventory, environment)) ?? { groups: [], hosts: [], selections: [] };
}

async function tagNames(playbook: string | undefined): Promise<readonly string[]> {
  if (playbook === undefined) return [];
  const [{ loadNamed, namedPath }, { tagsIn }] = await Promise.all([
    import('../inputs/playbook-files.ts'),
    import('../../playbook/step-tasks.ts'),
  ]);
  const read = loadNamed(namedPath(playbook), new Problems());
  return (read?.plays ?? []).flatMap((play) => [...play.tags, ...tagsIn(play)].map(({ value }) => value));
}

/** By the name of the next argument. */
async function argumentsOf(typed: Typed, environment: Environment): Promise<Candidates> {
  const { registeredArguments: all } = typed.command;
  const next = all[typed.arguments.length] ?? all.findLast(({ variadic }) => variadic);
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
    case 'run':
      // kplay show takes saved plans as well.
      return { names: ['last', ...(await runIds(typed, environment))], files: typed.command.name() === 'show' };
    case 'wave':
      return NONE;
    default:
      return next?.argChoices ? { names: next.argChoices } : FILES;
  }
}
