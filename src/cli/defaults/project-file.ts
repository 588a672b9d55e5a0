import type { Command, Option } from 'commander';
import { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { readTextFile } from '../../core/text-file.ts';
import { type MappingEntry, type MappingTree, parseYaml, type Tree } from '../../core/yaml/yaml.ts';
import { withHints } from '../../core/yaml/yaml-hints.ts';
import type { Environment } from '../environment.ts';
import { pathOf } from '../options/command-words.ts';
import { type DefaultsSource, type OptionDefault, optionNamed, valueWords } from './option-default.ts';
import { commonOptions, isList, isNumber, optionsByKey, settableCommands } from './project-options.ts';
import { PROJECT_FILE } from './project-place.ts';

const FILE_HINT = `${PROJECT_FILE} contains options and their values, one per line: forks: 20`;

/** The defaults of a project from its file; errors are added to `problems`. */
export function projectFile(
  program: Command,
  path: string,
  environment: Environment,
  problems: Problems,
): DefaultsSource | undefined {
  const file = readTextFile(path, 'configuration', problems);
  const syntax = new Problems();
  const tree = file && parseYaml(file, syntax, 'ansible');
  for (const [index, { severity, message, range, hint }] of withHints(syntax.all).entries())
    problems[severity](message, range, index === 0 ? `${hint}; ${FILE_HINT}` : hint);
  if (!tree) return undefined;
  const reader = new ProjectReader(program, environment, problems);
  reader.read(tree);
  return { defaultsOf: (command, isOpen) => reader.defaultsOf(command).filter(({ option }) => isOpen(option)) };
}

type Defaults = readonly OptionDefault[];

class ProjectReader {
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #program: Command;
  readonly #home: string;
  readonly #problems: Problems;
  /** By the long name of the option. */
  #common: Defaults = [];
  readonly #own = new Map<string, Defaults>();

  constructor(program: Command, { home }: Environment, problems: Problems) {
    this.#program = program;
    this.#commands = settableCommands(program);
    this.#home = home;
    this.#problems = problems;
  }

  /** Values for one command take precedence over those for all. */
  defaultsOf(command: Command): Defaults {
    const own = this.#own.get(pathOf(command)) ?? [];
    const shared = this.#common.flatMap((given) => {
      const { long = '' } = given.option;
      const option = optionNamed(command, long);
      return option && !own.some((other) => other.option.long === long) ? [{ ...given, option }] : [];
    });
    return [...own, ...shared];
  }

  read(tree: Tree): void {
    if (tree.kind === 'scalar' && tree.value === null) return;
    const mapping = this.#mapping(tree, 'options and their values: forks: 20');
    if (!mapping) return;
    const commands = mapping.entries.find(({ key }) => key === 'commands');
    const entries = mapping.entries.filter((entry) => entry !== commands);
    this.#common = this.#options(entries, commonOptions(this.#program), 'the options for all commands are');
    if (commands) this.#readCommands(commands);
  }

  #readCommands({ value }: MappingEntry): void {
    const mapping = this.#mapping(value, 'commands and their options: check: { output: wide }');
    for (const { key, keyRange, value: options } of mapping?.entries ?? []) {
      const command = this.#commands.get(key);
      if (!command) {
        this.#problems.error(
          `there is no command '${key}'`,
          keyRange,
          suggestion(key, this.#commands.keys(), 'the commands with options are'),
        );
        continue;
      }
      const own = this.#mapping(options, 'options and their values: output: wide');
      if (own) this.#own.set(key, this.#options(own.entries, optionsByKey(command), `the options of ${key} are`));
    }
  }

  #options(entries: readonly MappingEntry[], known: ReadonlyMap<string, Option>, what: string): Defaults {
    return entries.flatMap(({ key, keyRange, value }) => {
      const option = known.get(key);
      if (option) return this.#default(option, { key, keyRange, value }) ?? [];
      const hint =
        key === 'extra_vars'
          ? 'put variables into group_vars of the inventory'
          : suggestion(key.replaceAll('-', '_'), known.keys(), what);
      this.#problems.error(`'${key}' cannot be set here`, keyRange, hint);
      return [];
    });
  }

  #default(option: Option, { key, keyRange, value: tree }: MappingEntry): OptionDefault | undefined {
    // Of a list with one value a line, the first line would seem to be the wrong one.
    const range = isOnOneLine(tree.range) ? tree.range : keyRange;
    if (!option.required) return this.#flag(option, key, tree);
    const items = tree.kind === 'sequence' && isList(option) ? tree.items : [tree];
    const values = items.flatMap((item) => (item.kind === 'scalar' && item.value !== null ? [item.raw] : []));
    if (values.length < items.length || values.length === 0) {
      const form = isList(option) ? 'a string, or a list of strings' : isNumber(option) ? 'a number' : 'a text';
      const wrong = isList(option) && tree.kind === 'sequence' ? items.filter(isNoText) : [];
      for (const place of wrong.length > 0 ? wrong.map((item) => item.range) : [range])
        this.#problems.error(`${key} must be ${form}`, place, option.description);
      return undefined;
    }
    const whole = values.map((value) => (option.long === '--limit' ? value : value.replace(/^~(?=\/)/, this.#home)));
    return valueWords(option, whole, key, range, this.#problems);
  }

  #flag(option: Option, key: string, tree: Tree): OptionDefault | undefined {
    const { long = '' } = option;
    const times = timesOf(tree, long === '--verbose');
    if (times !== undefined) return { option, words: Array<string>(times).fill(long), range: tree.range };
    this.#problems.error(`${key} must be ${long === '--verbose' ? '0, 1, 2 or 3' : 'true or false'}`, tree.range);
    return undefined;
  }

  #mapping(tree: Tree, form: string): MappingTree | undefined {
    if (tree.kind === 'mapping') return tree;
    this.#problems.error('this must be a mapping', tree.range, `of ${form}`);
    return undefined;
  }
}

function isNoText(tree: Tree): boolean {
  return tree.kind !== 'scalar' || tree.value === null;
}

function isOnOneLine({ file, start, end }: SourceRange): boolean {
  return file.position(start).line === file.position(end).line;
}

/** How often an option without a value is given: only -v can be repeated. */
function timesOf(tree: Tree, counts: boolean): number | undefined {
  if (tree.kind !== 'scalar') return undefined;
  if (counts) return [0, 1, 2, 3].find((times) => times === tree.value);
  return typeof tree.value === 'boolean' ? Number(tree.value) : undefined;
}
