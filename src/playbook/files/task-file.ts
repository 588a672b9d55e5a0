import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import type { Tree } from '../../core/yaml/yaml.ts';
import type { StepCatalogue } from '../catalogue.ts';
import type { Handler, Inherited, ModuleDefaults, RoleUse, RoleVariables } from '../model.ts';
import { messageRange } from '../place.ts';
import type { RoleInUse } from './role-variables.ts';
import { pathFrom, readYamlFile } from './yaml-file.ts';

/** The context in which the tasks of a play are read. */
export interface Reading {
  readonly catalogue: StepCatalogue;
  readonly problems: Problems;
  /** The files and roles that are being read, each named by the previous one. */
  readonly chain: readonly string[];
  /** Receives the handlers of the roles that are read: of roles of a play, of imports, or of includes. */
  readonly handlers: Handler[];
  /** Receives those of imported roles. They run after the handlers of the play, as in Ansible. */
  readonly importedHandlers: Handler[];
  /** Receives those of included roles, which run last. */
  readonly includedHandlers: Handler[];
  /** Receives the names and topics of handlers that are wrong, so that nobody is told that they are missing. */
  readonly unreadHandlers: Set<string>;
  /** The roles that contain the tasks, the innermost first. */
  readonly roles: RoleUse['parents'];
  /** The variables of these roles, the outermost first. */
  readonly users: readonly RoleInUse[];
  /** Receives what the roles of the play, or imported roles, show to all tasks of the play. */
  readonly published: RoleVariables[];
  /** Receives that of imported roles, which takes precedence. */
  readonly importPublished: RoleVariables[];
  /** The directory of the playbook, or that of the tasks of the innermost role. */
  readonly home: string;
  /** The keywords of enclosing blocks, the outermost first. */
  readonly enclosing: readonly Inherited[];
  /** Defaults for parameters of steps. */
  readonly moduleDefaults: ModuleDefaults;
  /** The roles of the play whose handlers have been read: those of a role that runs once are added only once. */
  readonly rolesWithHandlers: Set<string>;
  /** The search path for roles. */
  readonly rolePath: readonly string[];
}

/** Adds enclosing keywords. */
export function withInherited(reading: Reading, inherited: Partial<Inherited>): Reading {
  const { when = [], tags = [], vars = new Map() } = inherited;
  return { ...reading, enclosing: [...reading.enclosing, { ...inherited, when, tags, vars }] };
}

/** For what an import reads. */
export function forImport(reading: Reading): Reading {
  return { ...reading, handlers: reading.importedHandlers, published: reading.importPublished };
}

/** For what an include reads, imports in it too. The rest of the play does not see the variables of its roles. */
export function forInclude(reading: Reading, handlers = reading.includedHandlers): Reading {
  const unseen: RoleVariables[] = [];
  return {
    ...reading,
    ...{ handlers, importedHandlers: handlers, includedHandlers: handlers },
    ...{ published: unseen, importPublished: unseen },
  };
}

/** Whether the name is only known after rendering. */
export function isTemplate(name: string): boolean {
  return name.includes('{{');
}

/** The tasks in a file named by a task. Undefined, after a report, if it cannot be read or is being read already. */
export function readTaskFile(
  file: Located<string>,
  reading: Reading,
  how: 'imported' | 'included',
): { readonly path: string; readonly items: readonly Tree[] } | undefined {
  const { value, range } = file;
  const { problems, chain } = reading;
  const found = locate(file, reading, how);
  const path = resolve(found);
  if (chain.some((open) => resolve(open) === path)) {
    problems.error(`${value} includes itself`, range, 'remove the cycle: write the tasks where they are needed');
    return undefined;
  }
  const items = readTaskList(found, range, problems);
  return items && { path, items };
}

/** Beside the file that names it, or at home. As in Ansible, what a role includes is looked for at home first. */
function locate(file: Located<string>, { roles, home }: Reading, how: 'imported' | 'included'): string {
  const beside = pathFrom(file);
  if (isAbsolute(file.value)) return beside;
  const atHome = join(home, file.value);
  const places = how === 'included' && roles.length > 0 ? [atHome, beside] : [beside, atHome];
  return places.find((place) => existsSync(place)) ?? beside;
}

/** The tasks in a file. */
export function readTaskList(path: string, named: SourceRange, problems: Problems): readonly Tree[] | undefined {
  const read = readYamlFile(path, 'task file', named, problems);
  if (!read) return undefined;
  if (!read.tree) return [];
  if (read.tree.kind === 'sequence') return read.tree.items;
  problems.error(`${path} is not a list of tasks`, messageRange(read.tree), 'begin each task with - name: …');
  return undefined;
}
