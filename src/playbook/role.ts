import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Located, SourceRange } from '../core/source.ts';
import { entry, type MappingTree, type Tree, treeToJson } from '../core/yaml.ts';
import { readKeywords } from './keywords.ts';
import type { BlockTask, Handler, RoleUse, Task, Variables } from './model.ts';
import { placeOf } from './place.ts';
import { isNothing, refuse } from './reader.ts';
import { type Reading, readTaskList } from './task-file.ts';
import { ROLE_KEYWORDS } from './task-keywords.ts';
import { reportUnsupported } from './unsupported.ts';
import { readVariablesFile, readYamlFile } from './yaml-file.ts';

/** A role as a play, a task or another role names it. */
export interface NamedRole {
  readonly name: Located<string>;
  /** Of its tasks: the file in its directory `tasks`, without its ending; absent: `main`. */
  readonly tasksFrom?: string;
  /** What is said where it is used, for all its tasks. */
  readonly inherited: Omit<Partial<BlockTask>, 'kind' | 'body'>;
  readonly range: SourceRange;
}

/** How the files of a role are read, handed in so that a role can hold all that a play can. */
export interface RoleReaders {
  readonly task: (tree: Tree, reading: Reading) => Task | undefined;
  readonly handler: (tree: Tree, reading: Reading) => Handler | undefined;
}

/** The roles of a play: names, or mappings with `role` or `name`; what is no keyword is a variable of the role, as in Ansible. */
export function readRoleUse(tree: Tree, reading: Reading): NamedRole | undefined {
  const { problems } = reading;
  if (tree.kind === 'scalar' && typeof tree.value === 'string')
    return { name: { value: tree.value, range: tree.range }, inherited: {}, range: tree.range };
  if (tree.kind !== 'mapping')
    return refuse({ type: 'string' }, tree, { label: 'a role', problems }, 'name it: - role: NAME');
  const entries = tree.entries.map((one) => (one.key === 'role' ? { ...one, key: 'name' } : one));
  const { values, others } = readKeywords({ ...tree, entries }, ROLE_KEYWORDS, problems);
  const { name, ...inherited } = values;
  if (!name) {
    problems.error('this role has no name', placeOf(tree), 'name it: - role: NAME');
    return undefined;
  }
  const own = others.filter((other) => !reportUnsupported(other, problems));
  const params: Variables = new Map(own.map(({ key, value }) => [key, value]));
  return {
    name,
    inherited: { ...inherited, vars: new Map([...(inherited.vars ?? []), ...params]) },
    range: tree.range,
  };
}

/**
 * The tasks of a role behind those of the roles that it depends on; its handlers go to those of the play. Undefined when there
 * is no such role, or it uses itself, which has then been reported.
 */
export function readRole(use: NamedRole, reading: Reading, readers: RoleReaders): readonly BlockTask[] | undefined {
  const { name, range } = use;
  const { problems, chain } = reading;
  const directory = directoryOf(use, reading);
  if (directory === undefined) {
    const places = reading.rolePath.join(', ');
    problems.error(`there is no role '${name.value}'`, name.range, `it is looked for in ${places}`);
    return undefined;
  }
  if (chain.includes(directory)) {
    problems.error(
      `the role ${name.value} uses itself`,
      name.range,
      'remove the cycle in its tasks, or in its meta/main.yml',
    );
    return undefined;
  }
  const role: RoleUse = { name: name.value, path: directory, parents: reading.roles };
  const inside: Reading = {
    ...reading,
    chain: [...chain, directory],
    roles: [name.value, ...reading.roles],
    rolePath: [...new Set([...reading.rolePath, dirname(directory)])],
  };
  const part = (folder: string, file = 'main'): string | undefined =>
    ['yml', 'yaml', ''].map((end) => join(directory, folder, end === '' ? file : `${file}.${end}`)).find(existsSync);
  const variables = (folder: string): Variables => {
    const path = part(folder);
    return path === undefined ? new Map() : readVariablesFile(path, name.range, problems);
  };
  const defaults = variables('defaults');
  const vars: Variables = new Map([...variables('vars'), ...(use.inherited.vars ?? [])]);
  const trees = (folder: string, file?: string): readonly Tree[] => {
    const path = part(folder, file);
    return path === undefined ? [] : (readTaskList(path, name.range, problems) ?? []);
  };
  if (use.tasksFrom !== undefined && part('tasks', use.tasksFrom) === undefined)
    problems.error(
      `the role ${name.value} has no tasks/${use.tasksFrom}.yml`,
      name.range,
      'name one of its files of tasks',
    );
  const dependencies = dependenciesOf(part('meta'), name.range, inside).flatMap(
    (other) => readRole(other, inside, readers) ?? [],
  );
  for (const tree of trees('handlers')) {
    const handler = readers.handler(tree, inside);
    if (!handler) continue;
    const listen = [...handler.listen, { value: `${name.value} : ${handler.name.value}`, range: handler.name.range }];
    reading.handlers.push({ ...handler, listen, role, defaults, vars: new Map([...vars, ...handler.vars]) });
  }
  const body = trees('tasks', use.tasksFrom).flatMap((tree) => readers.task(tree, inside) ?? []);
  const { when = [], tags = [], ...rest } = use.inherited;
  const block: BlockTask = {
    ...rest,
    kind: 'block',
    name,
    when,
    tags,
    vars,
    defaults,
    role,
    body,
    rescue: [],
    always: [],
    range,
  };
  return [...dependencies, block];
}

function directoryOf({ name }: NamedRole, { rolePath }: Reading): string | undefined {
  return rolePath.map((place) => resolve(place, name.value)).find((path) => existsSync(path));
}

function dependenciesOf(path: string | undefined, named: SourceRange, reading: Reading): readonly NamedRole[] {
  const read = path === undefined ? undefined : readYamlFile(path, 'task file', named, reading.problems);
  const list = read?.tree?.kind === 'mapping' ? entry(read.tree, 'dependencies')?.value : undefined;
  if (!list || isNothing(list)) return [];
  if (list.kind === 'sequence') return list.items.flatMap((tree) => readRoleUse(tree, reading) ?? []);
  reading.problems.error('dependencies must be a list', placeOf(list), 'name each role: - role: NAME');
  return [];
}

/** Of roles that are named twice in the same way only the first is meant, as in Ansible. */
export function withoutRepeats(uses: readonly NamedRole[]): readonly NamedRole[] {
  const key = ({ name, inherited: { vars = new Map() } }: NamedRole): string =>
    JSON.stringify([name.value, [...vars].map(([variable, tree]: [string, Tree]) => [variable, treeToJson(tree)])]);
  return [...new Map(uses.toReversed().map((use) => [key(use), use])).values()].toReversed();
}

/** `import_role` and `include_role`: their parameters. */
export function roleOfTask(
  tree: MappingTree,
  key: string,
  reading: Reading,
): Pick<NamedRole, 'name' | 'tasksFrom'> | undefined {
  const value = entry(tree, key)?.value;
  const { problems } = reading;
  if (value?.kind !== 'mapping') {
    problems.error(`${key} needs the name of a role`, value ? placeOf(value) : tree.range, `write ${key}: { name: … }`);
    return undefined;
  }
  const name = entry(value, 'name')?.value;
  const from = entry(value, 'tasks_from')?.value;
  for (const other of value.entries)
    if (!['name', 'tasks_from'].includes(other.key))
      problems.error(`${other.key} of ${key} is not supported yet`, other.keyRange, 'it takes name and tasks_from');
  if (name?.kind !== 'scalar' || typeof name.value !== 'string' || name.value.includes('{{')) {
    problems.error(
      `${key} needs the name of a role, which is no template`,
      placeOf(name ?? value),
      'write it as it is',
    );
    return undefined;
  }
  const tasksFrom = from?.kind === 'scalar' ? String(from.value).replace(/\.ya?ml$/, '') : undefined;
  return { name: { value: name.value, range: name.range }, ...(tasksFrom !== undefined && { tasksFrom }) };
}
