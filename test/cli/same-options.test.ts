import { execFileSync } from 'node:child_process';
import type { Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import { commandOf } from '../../src/cli/options/command-words.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { type NextCommand, sameOptions } from '../../src/cli/run/same-options.ts';
import { fc } from '../support/random-cases.ts';
import { MemoryOutput } from './support/memory-streams.ts';

type Options = Readonly<Record<string, unknown>>;

/** What each command is followed by. */
const FOLLOWED: readonly (readonly [from: string, to: NextCommand])[] = [
  ['run', 'run'],
  ['run', 'rollback'],
  ['run', 'certs csr'],
  ['plan', 'certs csr'],
  ['plan', 'plan'],
  ['plan', 'run'],
  ['plan', 'apply'],
  ['apply', 'apply'],
  ['apply', 'plan'],
  ['apply', 'rollback'],
  ['check', 'check'],
  ['check', 'plan'],
  ['rollback', 'rollback'],
  ['init', 'doctor'],
  ['init', 'check'],
  ['unlock', 'unlock'],
  ['certs csr', 'certs install'],
  ['certs install', 'certs install'],
  ['certs install', 'rollback'],
];

/** How something is shown, and the only value that there is. */
const SHOWN = ['output', 'verbose', 'color', 'localTime', 'diff', 'headers', 'sortBy', 'becomeUser', 'becomeMethod'];
/** With these a command does something else, after which no command is printed. */
const OTHER_USES = ['listHosts', 'listTasks', 'listTags', 'syntaxCheck', 'list', 'nagios'];
/** They are other names of options, or stand in the file that the command is given. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  run: ['dryRun', 'check'],
  apply: ['limit'],
  // It is given a directory by whoever suggests it.
  'certs csr': ['out'],
};
/** Besides, of another command: a plan has just been made of that inventory, and signed by who gives the command. */
const OF_THE_SAME: Readonly<Record<string, readonly string[]>> = { apply: ['inventory', 'verify', 'step'] };
/** Of that name the first command has something else. */
const OTHER_MEANING: Readonly<Record<string, readonly string[]>> = { init: ['kubeconfig'] };
/** What is written here: another command would write over it. */
const WRITTEN = ['report', 'metrics'];

const BESIDES: Readonly<Record<string, readonly string[]>> = {
  run: ['play.yml'],
  plan: ['play.yml'],
  apply: ['saved.kplan'],
  init: ['made.yml'],
  unlock: ['--reason', 'it hangs'],
  'certs csr': ['--out', 'requests'],
  'certs install': ['signed'],
};

function programFor(): Command {
  const streams = { stdout: new MemoryOutput(), stderr: new MemoryOutput() };
  return buildProgram(
    { ...processEnvironment(), variables: {}, ...streams } as unknown as Environment,
    () => undefined,
  );
}

function commandNamed(program: Command, name: string): Command {
  return commandOf(program, name.split(' ')).command;
}

/** What a command needs besides these words: an option is not given twice. */
function besides(name: string, words: readonly string[]): readonly string[] {
  const isGiven = (option: string): boolean => words.some((word) => word === option || word.startsWith(`${option}=`));
  const needed = BESIDES[name] ?? [];
  const place = isGiven('--metrics-label') && !isGiven('--metrics') ? ['--metrics', 'here.prom'] : [];
  const engine = isGiven('--worker-timeout') && !isGiven('--engine') ? ['--engine', 'temporal://h:1/x'] : [];
  return [...(isGiven(needed[0] ?? '') ? [] : needed), ...place, ...engine];
}

/** The options of a command line as the parser reads them; undefined for one that it does not take. */
function read(name: string, words: readonly string[]): Options | undefined {
  const program = programFor();
  const command = commandNamed(program, name);
  command.action(() => undefined);
  try {
    program.parse([...name.split(' '), ...words], { from: 'user' });
    return command.opts();
  } catch {
    return undefined;
  }
}

const shellWords = (text: string): readonly string[] =>
  text === ''
    ? []
    : execFileSync('sh', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' })
        .split('\0')
        .slice(0, -1);

const VALUES = [
  '7',
  '7d',
  "it's a b",
  '-o X=y',
  'junit=a b.xml',
  'm*;$(id)',
  'wait',
  'override',
  'strict',
  'ssh',
  'kplay',
];

const known = new Map<string, readonly (readonly string[])[]>();

/** The words that give an option each value that it takes. */
function wordsOf(name: string, option: Option): readonly (readonly string[])[] {
  const key = `${name} ${option.long}`;
  const words = known.get(key) ?? takenBy(name, option);
  known.set(key, words);
  return words;
}

function takenBy(name: string, option: Option): readonly (readonly string[])[] {
  const { long = '', required } = option;
  if (!required) return [[long]];
  const values = option.argChoices ?? VALUES;
  return values
    .map((value) => [`${long}=${value}`])
    .filter((words) => read(name, [...besides(name, words), ...words]) !== undefined);
}

const attributesOf = (command: Command): readonly string[] => command.options.map((option) => option.attributeName());

describe.each(FOLLOWED)('kplay %s, and then kplay %s', (from, to) => {
  const isSame = from === to;
  const [source, target] = [commandNamed(programFor(), from), commandNamed(programFor(), to)];
  const meant = attributesOf(target).filter(
    (name) =>
      ![
        ...SHOWN,
        ...OTHER_USES,
        ...(ELSEWHERE[to] ?? []),
        ...(isSame ? [] : [...WRITTEN, ...(OF_THE_SAME[to] ?? [])]),
      ].includes(name),
  );
  const both = meant.filter((name) => attributesOf(source).includes(name) && !OTHER_MEANING[from]?.includes(name));

  test('every option that both have is said', () => {
    const options = Object.fromEntries(both.map((name) => [name, sampleOf(source, name, from)]));
    const printed = sameOptions(options, { command: to, isSame });
    const without = both.filter(
      (name) => sameOptions({ ...options, [name]: undefined }, { command: to, isSame }) === printed,
    );
    // A rollback shows its plan before it asks; that something was only shown is no reason to show it again.
    expect(without.filter((name) => !(name === 'out' && from === 'certs csr'))).toEqual([]);
  });

  test('the second one is given what the first one was', () => {
    const choices = source.options
      .filter((option) => both.includes(option.attributeName()))
      .map((option) => wordsOf(from, option));
    const anyWords = fc
      .tuple(...choices.map((words) => fc.option(fc.constantFrom(...words), { nil: [], freq: 3 })))
      .map((words) => words.flat());
    fc.assert(
      fc.property(anyWords, (words) => {
        const given = read(from, [...besides(from, words), ...words]);
        fc.pre(given !== undefined && !(given['window'] === 'wait' && to !== 'run'));
        const printed = shellWords(sameOptions(given ?? {}, { command: to, isSame }));
        const needed = (BESIDES[to] ?? []).filter(
          (word) => to === 'certs csr' || (!word.startsWith('--') && word !== 'it hangs'),
        );
        const again = read(to, [...needed, ...printed]);
        expect(again && pick(again, both), `kplay ${to} ${printed.join(' ')}`).toEqual(pick(given ?? {}, both));
      }),
      { numRuns: 20, seed: 20261126 },
    );
  });
});

function pick(options: Options, names: readonly string[]): Options {
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

/** Some value that it takes, other than its default. */
function sampleOf(command: Command, name: string, path: string): unknown {
  const option = command.options.find((one) => one.attributeName() === name);
  if (!option) throw new Error(`kplay ${path} has no option ${name}`);
  for (const words of wordsOf(path, option)) {
    const value = read(path, [...besides(path, words), ...words])?.[name];
    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(option.defaultValue) && value !== 'wait')
      return value;
  }
  throw new Error(`no value of ${name} is known`);
}

test('a variable that looks like a secret is left to be typed', () => {
  const options = { inventory: ['a b.yml', 'm1,'], extraVars: ['ansible_become_password=hunter2', '@secrets.yml'] };
  expect(sameOptions(options, { command: 'run', isSame: true })).toBe("-i 'a b.yml' -i m1, -e … -e @secrets.yml");
});

test('what was given for nothing is not said', () => {
  const options = read('run', ['play.yml', '-i', 'prod.yml', '--window', 'wait']) ?? {};
  expect(sameOptions(options, { command: 'run', isSame: true })).toBe('-i prod.yml --window wait');
  expect(sameOptions(options, { command: 'rollback', isSame: false })).toBe('-i prod.yml');
});
