import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Problems } from '../../core/diagnostic.ts';
import type { Tree } from '../../core/yaml/yaml.ts';
import type { BlockTask, Handler, RoleUse, RoleVariables, Task, VariableTrees } from '../model.ts';
import { withDefaults } from '../module-defaults.ts';
import { argumentCheck } from '../parameters/argument-specs.ts';
import { roleFile, roleVariableFiles } from './role-files.ts';
import { readRoleMeta } from './role-meta.ts';
import { type NamedRole, readRoleUse, useKey } from './role-use.ts';
import { merged, type RoleInUse, seenBy } from './role-variables.ts';
import { isTemplate, type Reading, readTaskList, withInherited } from './task-file.ts';
import { readVariablesFile } from './yaml-file.ts';

/** How the contents of a role are read; passed in because a role can contain everything that a play can. */
export interface RoleReaders {
  readonly task: (tree: Tree, reading: Reading) => Task | undefined;
  readonly handler: (tree: Tree, reading: Reading) => Handler | undefined;
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
  const { name } = use;
  const { problems } = reading;
  const directory = directoryOf(use, reading);
  if (directory === undefined) return undefined;
  const meta = readRoleMeta(directory, name.range, problems);
  const key = use.isOnce && useKey(use);
  const runOnce = key !== undefined && !meta.allowDuplicates && { runOnceKey: key };
  const role: RoleUse = { name: name.value, path: directory, parents: reading.roles, ...runOnce };
  const own = ownVariables(use, directory, problems);
  const vars = blockVariables(use);
  const includedHandlers: Handler[] = [];
  const inner = { ...readingInside(use, directory, { own, vars }, reading), includedHandlers };
  checkTasksFrom(use, directory, problems);
  const handlers: Handler[] = [];
  const dependencies = meta.dependencies.flatMap((tree) => {
    const other = readRoleUse(tree, inner);
    return (other && readRole(other, { ...inner, handlers }, readers)) ?? [];
  });
  const shown = dependencies.map((dependency) => dependency.shown);
  const seen = seenBy(own, reading.users, shown);
  const check = argumentCheck(meta.argumentSpecs, use.tasksFrom ?? 'main', use.written ?? [], problems);
  const tasks = treesIn(use, directory, 'tasks', problems).flatMap((tree) => readers.task(tree, inner) ?? []);
  if (isFirstWithHandlers(key, reading))
    for (const tree of treesIn(use, directory, 'handlers', problems)) {
      const handler = readers.handler(tree, inner);
      if (handler) handlers.push(handlerOfRole(handler, role, seen));
    }
  // As in Ansible, the handlers of its imports run first, then those of its dependencies, its own, and those of its includes.
  reading.handlers.push(...handlers);
  reading.includedHandlers.push(...includedHandlers);
  const before = dependencies.flatMap((dependency) => dependency.tasks);
  const variables = { defaults: seen.defaults, roleVars: seen.vars, vars };
  return {
    tasks: [blockOf(use, before, { ...variables, role, body: check ? [check, ...tasks] : tasks })],
    shown: merged([...shown, own]),
  };
}

/** The variables of its files, and those that its use gives it. */
function ownVariables({ name, inherited }: NamedRole, directory: string, problems: Problems): RoleInUse {
  const inFolder = (folder: string): VariableTrees =>
    new Map(roleVariableFiles(directory, folder).flatMap((path) => [...readVariablesFile(path, name.range, problems)]));
  return { defaults: inFolder('defaults'), vars: inFolder('vars'), given: inherited.vars ?? new Map() };
}

/** The variables of its block. `vars` of a use in a play belong to the role, those of a task also to the place where it stands. */
function blockVariables({ isOnce, inherited: { vars = new Map(), passedVars } }: NamedRole): VariableTrees {
  return isOnce ? new Map([...vars].filter(([variable]) => passedVars?.names.has(variable))) : vars;
}

/** For what is read in the role. */
function readingInside(
  { name, inherited, moduleDefaults }: NamedRole,
  directory: string,
  { own, vars }: { readonly own: RoleInUse; readonly vars: VariableTrees },
  reading: Reading,
): Reading {
  return {
    ...withInherited(withDefaults(reading, moduleDefaults), { ...inherited, vars }),
    chain: [...reading.chain, directory],
    roles: [{ name: name.value, path: directory }, ...reading.roles],
    users: [...reading.users, own],
    home: join(directory, 'tasks'),
    rolePath: [...new Set([...reading.rolePath, dirname(directory)])],
  };
}

function checkTasksFrom({ name, tasksFrom }: NamedRole, directory: string, problems: Problems): void {
  if (tasksFrom === undefined || roleFile(directory, 'tasks', tasksFrom) !== undefined) return;
  problems.error(`the role ${name.value} has no tasks/${tasksFrom}.yml`, name.range, 'name one of its task files');
}

/** What is in its file of tasks, or of handlers. */
function treesIn(
  { name, tasksFrom }: NamedRole,
  directory: string,
  folder: 'tasks' | 'handlers',
  problems: Problems,
): readonly Tree[] {
  const path = roleFile(directory, folder, folder === 'tasks' ? tasksFrom : undefined);
  return path === undefined ? [] : (readTaskList(path, name.range, problems) ?? []);
}

/** Whether the handlers of this use have not been read in this play yet; from now on they have. */
function isFirstWithHandlers(key: string | undefined, { rolesWithHandlers }: Reading): boolean {
  if (key === undefined) return true;
  const isFirst = !rolesWithHandlers.has(key);
  rolesWithHandlers.add(key);
  return isFirst;
}

/** A handler with what its role adds to it: it also listens to `ROLE : NAME`. */
function handlerOfRole(handler: Handler, role: RoleUse, { defaults, vars: roleVars }: RoleVariables): Handler {
  const { value, range } = handler.name;
  const listen = [...handler.listen, { value: `${role.name} : ${value}`, range }];
  return { ...handler, listen, role, defaults, roleVars };
}

/** The tasks of a role as one block, with those of its dependencies before them: keywords of a use apply to these, too. */
function blockOf(
  { name, range, inherited: { when = [], tags = [], ...keywords } }: NamedRole,
  dependencies: readonly BlockTask[],
  own: Pick<BlockTask, 'defaults' | 'roleVars' | 'vars' | 'role' | 'body'>,
): BlockTask {
  const parts = { kind: 'block', name, vars: own.vars, rescue: [], always: [], range } as const;
  if (dependencies.length === 0) return { ...keywords, ...parts, ...own, when, tags };
  const body = [...dependencies, { ...parts, ...own, when: [], tags: [] }];
  return { ...keywords, ...parts, when, tags, body };
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
