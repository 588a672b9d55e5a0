import { resolve } from 'node:path';
import type { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import type { Tree } from '../../core/yaml/yaml.ts';
import type { StepCatalogue } from '../catalogue.ts';
import type { Handler, Inherited, ModuleDefaults } from '../model.ts';
import { placeOf } from '../place.ts';
import { pathFrom, readYamlFile } from './yaml-file.ts';

/** What reading the tasks of a play needs. */
export interface Reading {
  readonly catalogue: StepCatalogue;
  readonly problems: Problems;
  /** The files and roles that are being read, each named by the one before it. */
  readonly chain: readonly string[];
  /** Gets the handlers of roles. */
  readonly handlers: Handler[];
  /** The roles in which the tasks stand, the innermost first. */
  readonly roles: readonly string[];
  /** What is said around the tasks, the outermost first. */
  readonly around: readonly Inherited[];
  /** Parameters of steps that stand around the tasks. */
  readonly moduleDefaults: ModuleDefaults;
  /** The roles of the play whose handlers have been read: a role that runs once has each of them once. */
  readonly rolesWithHandlers: Set<string>;
  /** Directories in which roles are looked for. */
  readonly rolePath: readonly string[];
}

/** The same, where more is said around what is read. */
export function within(reading: Reading, said: Partial<Inherited>): Reading {
  const { when = [], tags = [], vars = new Map() } = said;
  return { ...reading, around: [...reading.around, { ...said, when, tags, vars }] };
}

/** Whether a name is known only where its templates are expanded. */
export function isTemplate(name: string): boolean {
  return name.includes('{{');
}

/**
 * The tasks of a file that a task names. Undefined when it cannot be read, or is being read already, which has then been
 * reported.
 */
export function readTaskFile(
  file: Located<string>,
  { problems, chain }: Reading,
): { readonly path: string; readonly items: readonly Tree[] } | undefined {
  const { value, range } = file;
  const path = resolve(pathFrom(file));
  if (chain.some((open) => resolve(open) === path)) {
    problems.error(`${value} includes itself`, range, 'remove the cycle: write the tasks where they are needed');
    return undefined;
  }
  const items = readTaskList(pathFrom(file), range, problems);
  return items && { path, items };
}

/** The tasks in a file. */
export function readTaskList(path: string, named: SourceRange, problems: Problems): readonly Tree[] | undefined {
  const read = readYamlFile(path, 'task file', named, problems);
  if (!read) return undefined;
  if (!read.tree) return [];
  if (read.tree.kind === 'sequence') return read.tree.items;
  problems.error(`${path} is not a list of tasks`, placeOf(read.tree), 'begin each task with - name: …');
  return undefined;
}
