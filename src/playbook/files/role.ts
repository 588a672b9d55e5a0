import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Problems } from '../../core/diagnostic.ts';
import { canonicalJson } from '../../core/json.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { entry, type MappingTree, type ScalarTree, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import { withoutPrefix } from '../catalogue.ts';
import type { BlockTask, Handler, RoleUse, RoleVariables, Task, VariableTrees } from '../model.ts';
import { withDefaults } from '../module-defaults.ts';
import { argumentCheck } from '../parameters/argument-specs.ts';
import { messageRange } from '../place.ts';
import { readKeywords } from '../readers/keywords.ts';
import { refuse } from '../readers/reader.ts';
import { reportRoleKey } from '../readers/unknown-key.ts';
import { ROLE_KEYWORDS } from '../task-keywords.ts';
import { roleFile, roleVariableFiles } from './role-files.ts';
import { readRoleMeta } from './role-meta.ts';
import { merged, type RoleInUse, seenBy } from './role-variables.ts';
import { isTemplate, type Reading, readTaskList, withInherited } from './task-file.ts';
import { readVariablesFile } from './yaml-file.ts';

/** A use of a role by a play, a task or another role. */
export interface NamedRole {
  readonly name: Located<string>;
  /** The file in its `tasks` directory, without extension; absent: `main`. */
  readonly tasksFrom?: string;
  /** Keywords of the use, for all its tasks. */
  readonly inherited: Omit<Partial<BlockTask>, 'kind' | 'body'>;
  readonly moduleDefaults?: readonly MappingTree[];
  /** Names of the variables given in the use itself. */
  readonly written?: readonly Located<string>[];
  /** It is a role of a play or a dependency: it runs once, unless it sets `allow_duplicates`. */
  readonly isOnce?: true;
  readonly range: SourceRange;
}

/** How the contents of a role are read; passed in because a role can contain everything that a play can. */
export interface RoleReaders {
  readonly task: (tree: Tree, reading: Reading) => Task | undefined;
  readonly handler: (tree: Tree, reading: Reading) => Handler | undefined;
}

/** The roles of a play: names, or mappings with `role` or `name`; other keys are variables of the role, as in Ansible. */
export function readRoleUse(tree: Tree, reading: Reading): NamedRole | undefined {
  const { problems } = reading;
  if (tree.kind === 'scalar' && typeof tree.value === 'string')
    return { name: { value: tree.value, range: tree.range }, inherited: {}, isOnce: true, range: tree.range };
  if (tree.kind !== 'mapping')
    return refuse({ type: 'string' }, tree, { label: 'a role', problems }, 'name it: - role: NAME');
  if (hasTwoNames(tree, problems)) return undefined;
  const entries = tree.entries.map((one) => (one.key === 'role' ? { ...one, key: 'name' } : one));
  const { values, others } = readKeywords({ ...tree, entries }, ROLE_KEYWORDS, problems);
  const { name, moduleDefaults, ...inherited } = values;
  if (!name) {
    problems.error('this role has no name', messageRange(tree), 'name it: - role: NAME');
    return undefined;
  }
  const own = others.filter((other) => !reportRoleKey(other, problems));
  const params: VariableTrees = new Map(own.map(({ key, value }) => [key, value]));
  return {
    name,
    inherited: {
      ...inherited,
      vars: new Map([...(inherited.vars ?? []), ...params]),
      passedVars: { by: 'role', names: new Set(params.keys()) },
    },
    written: own.map(({ key, keyRange }) => ({ value: key, range: keyRange })),
    ...(moduleDefaults && { moduleDefaults }),
    isOnce: true,
    range: tree.range,
  };
}

/** Whether both `role` and `name` are given, which is reported: Ansible takes `role` in a play, and `name` in a task. */
function hasTwoNames(tree: MappingTree, problems: Problems): boolean {
  const second = tree.entries.filter(({ key }) => key === 'role' || key === 'name')[1];
  if (second) problems.error('this role has two names', second.keyRange, 'give it either role or name');
  return second !== undefined;
}

/** What a use of a role comes to. */
export interface RoleParts {
  /** Its tasks, after those of its dependencies. */
  readonly tasks: readonly BlockTask[];
  /** What others see of its variables and those of its dependencies. */
  readonly shown: RoleVariables;
}

/**
 * Reads a role; its handlers are added to those of the play. Undefined, after a report, if it does not exist or uses itself.
 */
export function readRole(use: NamedRole, reading: Reading, readers: RoleReaders): RoleParts | undefined {
  const { name, range } = use;
  const { problems, chain } = reading;
  const directory = directoryOf(use, reading);
  if (directory === undefined) return undefined;
  const meta = readRoleMeta(directory, name.range, problems);
  const key = use.isOnce && keyOf(use);
  const runOnce = key !== undefined && !meta.allowDuplicates && { runOnceKey: key };
  const role: RoleUse = { name: name.value, path: directory, parents: reading.roles, ...runOnce };
  const part = (folder: string, file?: string): string | undefined => roleFile(directory, folder, file);
  const variables = (folder: string): VariableTrees =>
    new Map(roleVariableFiles(directory, folder).flatMap((path) => [...readVariablesFile(path, name.range, problems)]));
  const { vars: given = new Map(), passedVars } = use.inherited;
  const own: RoleInUse = { defaults: variables('defaults'), vars: variables('vars'), given };
  // `vars` of a use in a play belong to the role, those of a task also to the place where it stands.
  const vars = use.isOnce ? new Map([...given].filter(([variable]) => passedVars?.names.has(variable))) : given;
  const includedHandlers: Handler[] = [];
  const inner: Reading = {
    ...withInherited(withDefaults(reading, use.moduleDefaults), { ...use.inherited, vars }),
    includedHandlers,
    chain: [...chain, directory],
    roles: [{ name: name.value, path: directory }, ...reading.roles],
    users: [...reading.users, own],
    home: join(directory, 'tasks'),
    rolePath: [...new Set([...reading.rolePath, dirname(directory)])],
  };
  const trees = (folder: string, file?: string): readonly Tree[] => {
    const path = part(folder, file);
    return path === undefined ? [] : (readTaskList(path, name.range, problems) ?? []);
  };
  if (use.tasksFrom !== undefined && part('tasks', use.tasksFrom) === undefined)
    problems.error(
      `the role ${name.value} has no tasks/${use.tasksFrom}.yml`,
      name.range,
      'name one of its task files',
    );
  const handlers: Handler[] = [];
  const dependencies = meta.dependencies.flatMap((tree) => {
    const other = readRoleUse(tree, inner);
    return (other && readRole(other, { ...inner, handlers }, readers)) ?? [];
  });
  const shown = dependencies.map((dependency) => dependency.shown);
  const seen = seenBy(own, reading.users, shown);
  const check = argumentCheck(meta.argumentSpecs, use.tasksFrom ?? 'main', use.written ?? [], problems);
  const tasks = trees('tasks', use.tasksFrom).flatMap((tree) => readers.task(tree, inner) ?? []);
  // As in Ansible, the handlers of its imports run first, then those of its dependencies, its own, and those of its includes.
  const hasHandlers = key !== undefined && reading.rolesWithHandlers.has(key);
  if (key !== undefined) reading.rolesWithHandlers.add(key);
  for (const tree of hasHandlers ? [] : trees('handlers')) {
    const handler = readers.handler(tree, inner);
    if (!handler) continue;
    const listen = [...handler.listen, { value: `${name.value} : ${handler.name.value}`, range: handler.name.range }];
    handlers.push({ ...handler, listen, role, defaults: seen.defaults, roleVars: seen.vars });
  }
  reading.handlers.push(...handlers);
  reading.includedHandlers.push(...includedHandlers);
  const { when = [], tags = [], ...rest } = use.inherited;
  const parts = { kind: 'block', name, vars, rescue: [], always: [], range } as const;
  const block = {
    ...parts,
    defaults: seen.defaults,
    roleVars: seen.vars,
    role,
    body: check ? [check, ...tasks] : tasks,
  };
  // Keywords of a use apply to the role's dependencies, too.
  const before = dependencies.flatMap((dependency) => dependency.tasks);
  return {
    tasks:
      before.length === 0
        ? [{ ...rest, ...block, when, tags }]
        : [{ ...rest, ...parts, when, tags, body: [...before, { ...block, when: [], tags: [] }] }],
    shown: merged([...shown, own]),
  };
}

/** Where it is; undefined, after a report, if it does not exist or uses itself. */
function directoryOf({ name }: NamedRole, { rolePath, chain, problems }: Reading): string | undefined {
  if (isTemplate(name.value)) {
    problems.error('the name of a role cannot be a template here', name.range, 'use include_role in tasks');
    return undefined;
  }
  const directory = rolePath.map((place) => resolve(place, name.value)).find((path) => existsSync(path));
  if (directory === undefined) {
    const places = isAbsolute(name.value) ? [name.value] : rolePath.map((place) => join(place, name.value));
    problems.error(
      `the role '${name.value}' does not exist`,
      name.range,
      `put it, or a link to it, at ${places.join(' or ')}; roles_path of ansible.cfg is not read`,
    );
    return undefined;
  }
  if (!chain.includes(directory)) return directory;
  problems.error(
    `the role ${name.value} uses itself`,
    name.range,
    'remove the cycle in its tasks, or in its meta/main.yml',
  );
  return undefined;
}

/** The identity of a use: to Ansible, uses with the same variables, conditions and tags are the same. */
function keyOf({ name, written = [], inherited }: NamedRole): string {
  const { vars = new Map(), when = [], tags = [] } = inherited;
  return canonicalJson([
    name.value,
    Object.fromEntries([...vars].map(([variable, tree]: [string, Tree]) => [variable, treeToJson(tree)])),
    written.map(({ value }) => value).toSorted(),
    when.map(({ value }) => value),
    tags.map(({ value }) => value),
  ]);
}

/** The role that a task names. */
export interface RoleOfTask extends Pick<NamedRole, 'name' | 'tasksFrom'> {
  /** A template determines the role, or its file. */
  readonly isTemplate: boolean;
  readonly params: MappingTree;
}

const ROLE_PARAMS = ['name', 'role', 'tasks_from'];

/** The parameters of `import_role` and `include_role`. Only includes may contain templates. */
export function roleOfTask(tree: MappingTree, key: string, { problems }: Reading): RoleOfTask | undefined {
  const value = entry(tree, key)?.value;
  if (value?.kind !== 'mapping') {
    problems.error(
      `${key} needs the name of a role`,
      value ? messageRange(value) : tree.range,
      `write ${key}: { name: … }`,
    );
    return undefined;
  }
  if (hasTwoNames(value, problems)) return undefined;
  // As in Ansible, `role` is another word for `name`.
  const name = (entry(value, 'name') ?? entry(value, 'role'))?.value;
  const from = entry(value, 'tasks_from')?.value;
  for (const other of value.entries.filter((one) => !ROLE_PARAMS.includes(one.key)))
    problems.error(`${other.key} of ${key} is not supported`, other.keyRange, 'it takes name and tasks_from');
  if (name?.kind !== 'scalar' || typeof name.value !== 'string') {
    problems.error(`${key} needs the name of a role`, messageRange(name ?? value), `write ${key}: { name: … }`);
    return undefined;
  }
  if (from && !isFileName(from, key, problems)) return undefined;
  const tasksFrom = from?.value.replace(/\.ya?ml$/, '');
  const hasTemplate = isTemplate(name.value) || isTemplate(tasksFrom ?? '');
  if (hasTemplate && withoutPrefix(key) === 'import_role') {
    problems.error(
      'what is imported cannot be a template',
      messageRange(isTemplate(name.value) ? name : (from ?? name)),
      'write include_role, which is read when the name is known',
    );
    return undefined;
  }
  return {
    name: { value: name.value, range: name.range },
    ...(tasksFrom !== undefined && { tasksFrom }),
    isTemplate: hasTemplate,
    params: {
      ...value,
      entries: value.entries
        .filter((one) => ROLE_PARAMS.includes(one.key))
        .map((one) => (one.key === 'role' ? { ...one, key: 'name' } : one)),
    },
  };
}

/** Whether `tasks_from` is a text, which is reported otherwise. */
function isFileName(tree: Tree, key: string, problems: Problems): tree is ScalarTree & { readonly value: string } {
  if (tree.kind === 'scalar' && typeof tree.value === 'string' && tree.value.trim() !== '') return true;
  problems.error(
    `tasks_from of ${key} needs the name of a task file`,
    messageRange(tree),
    'name a file in tasks of the role, or remove it',
  );
  return false;
}
