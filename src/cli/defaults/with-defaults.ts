import type { Command, Option } from 'commander';
import { type Diagnostic, InputError, Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { isWritableByAll } from '../../core/writable-by-all.ts';
import { commandOf, isGivenBy } from '../options/command-words.ts';
import { PREFIX, placeOfVariable, variableWords, warnOfMisspelt } from '../options/option-variables.ts';
import type { DefaultsSource, OptionDefault } from './option-default.ts';
import type { ProjectEnvironment } from './project-place.ts';

declare module 'commander' {
  interface Option {
    /** Attributes of the options that conflict with it. */
    readonly conflictsWith: readonly string[];
    /** Values of other options that it sets. */
    readonly implied: Readonly<Record<string, unknown>> | undefined;
    /** Where its value stands, if that was not typed but comes from a variable or a file. */
    presetAt?: SourceRange;
  }
}

/** A command line with options from all sources. */
export interface CompleteWords {
  readonly words: readonly string[];
  /** Why it must not be carried out: a source is wrong. What could be read still says how that is reported. */
  readonly error?: InputError;
}

/**
 * A command line with the options from variables (KPLAY_*), kplay.yml and, for commands that take an inventory, ANSIBLE_* and ansible.cfg.
 * Earlier sources in this order win. A default from a file gives way to an option with which it conflicts. Variables count as typed, except
 * where nothing is lost (`givesWay`).
 */
export async function withDefaults(
  program: Command,
  argv: readonly string[],
  environment: ProjectEnvironment,
): Promise<CompleteWords> {
  warnOfMisspelt(program, environment);
  const { command, index } = commandOf(program, argv);
  if (command === program) return { words: argv };
  const end = argv.indexOf('--');
  const typed = end < 0 ? argv : argv.slice(0, end);
  const isTyped = (option: Option) => typed.some((word) => isGivenBy(command, option, word));
  const typedOptions = command.options.filter(isTyped);
  const whole = withImplied(command, typedOptions);
  const problems = new Problems();
  const variables = variableWords(command, isTyped, environment, problems);
  const decided = new Set([...typedOptions, ...variables.keys()]);
  const fromVariables = [...variables].filter(([option, own]) => own.length > 0 && !givesWay(option, whole));
  const given = new Set([...whole, ...fromVariables.map(([option]) => option)]);
  const words = fromVariables.flatMap(([, own]) => own);
  for (const [option] of fromVariables) option.presetAt = placeOfVariable(option, environment);
  if (!typed.includes('--help') && !typed.includes('-h')) {
    const layers = await defaultsFor(program, command, decided, environment, problems);
    if (!problems.hasErrors && problems.all.length > 0) await warn(problems, [...typed, ...words], environment);
    for (const defaults of layers) {
      const fitting = defaults.filter(({ option }) => ![...given].some((other) => areConflicting(option, other)));
      for (const { option, words: own, range } of fitting) {
        words.push(...own);
        if (own.length === 0) continue;
        given.add(option);
        option.presetAt = range;
      }
    }
  }
  const all = [...argv.slice(0, index + 1), ...words, ...argv.slice(index + 1)];
  return { words: all, ...(problems.hasErrors && { error: new InputError(problems.all) }) };
}

/** Whether a variable or a file may set options: they are checked against those of all commands. */
export function hasDefaults({ variables, project }: ProjectEnvironment): boolean {
  return project !== undefined || Object.keys(variables).some((name) => name.startsWith(PREFIX));
}

/** Errors about options of the command that a file or a variable has set, with the place there. */
export function atTheirPlaces({ diagnostics }: InputError, { options }: Command): InputError {
  const presetAt = (name: string): SourceRange | undefined =>
    options.find(({ short, long }) => name === long || name === short)?.presetAt;
  const placed = (one: Diagnostic): Diagnostic => {
    const { range, options: names = range ? [range.file.shown] : [] } = one;
    const [place] = names.flatMap((name) => presetAt(name) ?? []);
    if (!place) return one;
    // A variable has the very text that an error may be in the middle of.
    const isInside = range !== undefined && range.file.text === place.file.text;
    return { ...one, range: isInside ? place.file.range(range.start, range.end) : place };
  };
  return new InputError(diagnostics.map(placed));
}

/** The values of an option that was not typed, for completion; errors are not reported. */
export async function defaultOf(
  long: string,
  program: Command,
  command: Command,
  environment: ProjectEnvironment,
): Promise<readonly string[]> {
  const isOther = (option: Option): boolean => option.long !== long;
  const [variable] = variableWords(command, isOther, environment, new Problems()).values();
  const layers = variable ? [] : await defaultsFor(program, command, new Set(), environment, new Problems());
  const words = variable ?? layers.flat().find(({ option }) => option.long === long)?.words ?? [];
  return words.map((word) => word.slice(`${long}=`.length));
}

/** The defaults from each source for options that are not set yet; they are set then. */
async function defaultsFor(
  program: Command,
  command: Command,
  decided: Set<Option>,
  environment: ProjectEnvironment,
  problems: Problems,
): Promise<readonly (readonly OptionDefault[])[]> {
  const sources = await sourcesFor(program, command, environment, problems);
  return sources.map((source) => {
    const defaults = source.defaultsOf(command, (option) => !decided.has(option), problems);
    for (const { option } of defaults) decided.add(option);
    checkTogether(defaults, problems);
    return defaults;
  });
}

async function warn({ all }: Problems, words: readonly string[], environment: ProjectEnvironment): Promise<void> {
  const { showDiagnostics } = await import('../output/output.ts');
  showDiagnostics(all, { color: !words.includes('--no-color') }, environment);
}

/** Loaded only if there is something to read. */
async function sourcesFor(
  program: Command,
  command: Command,
  environment: ProjectEnvironment,
  problems: Problems,
): Promise<readonly DefaultsSource[]> {
  const { directory, project } = environment;
  const sources: (DefaultsSource | undefined)[] = [];
  if (project !== undefined) {
    const open = [directory, project].find(isWritableByAll);
    if (open !== undefined)
      problems.warning(
        `${project} is ignored: everybody can write to ${open === project ? 'it' : 'its directory'}`,
        undefined,
        `chmod o-w ${open}`,
      );
    else sources.push((await import('./project-file.ts')).projectFile(program, project, environment, problems));
  }
  if (command.options.some(({ long }) => long === '--inventory')) {
    const { ansibleFile, ansibleVariables } = await import('./ansible-config.ts');
    sources.push(ansibleVariables(environment, problems), ansibleFile(environment, problems));
  }
  return sources.flatMap((source) => source ?? []);
}

/** Refuses conflicting defaults in one source: neither could be chosen. */
function checkTogether(defaults: readonly OptionDefault[], problems: Problems): void {
  const given = defaults.filter(({ words }) => words.length > 0);
  for (const [index, one] of given.entries())
    for (const other of given.slice(0, index))
      if (areConflicting(one.option, other.option))
        problems.error(
          `${one.option.long} cannot be given together with ${other.option.long}`,
          one.range,
          'set one of them',
        );
}

/** Options with which a command changes nothing, or prints no table, so that whatever does not go with them may be left out. */
const GOING_BEFORE = ['check', 'syntaxCheck', 'list', 'listHosts', 'listTasks', 'listTags', 'nagios', 'prune'];

/**
 * Whether a variable, which may be set for all commands, is passed over for a typed option. Any other conflict is refused: with
 * KPLAY_CHECK nothing must be changed, whatever is typed.
 */
function givesWay(option: Option, typed: readonly Option[]): boolean {
  // It decides only how fast a run is.
  const isPace = option.attributeName() === 'clusters';
  return typed.some(
    (other) => areConflicting(option, other) && (isPace || GOING_BEFORE.includes(other.attributeName())),
  );
}

/** With those that others stand for: `--check` for `--dry-run`. */
function withImplied({ options }: Command, typed: readonly Option[]): readonly Option[] {
  const implied = new Set(typed.flatMap((option) => Object.keys(option.implied ?? {})));
  return [...typed, ...options.filter((option) => implied.has(option.attributeName()) && !typed.includes(option))];
}

function areConflicting(one: Option, other: Option): boolean {
  return one.conflictsWith.includes(other.attributeName()) || other.conflictsWith.includes(one.attributeName());
}
