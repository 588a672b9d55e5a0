import { dirname, join } from 'node:path';
import type { Problems } from '../core/diagnostic.ts';
import type { Located } from '../core/source.ts';
import { entry, type Tree } from '../core/yaml/yaml.ts';
import { type StepCatalogue, withoutPrefix } from './catalogue.ts';
import { readRole } from './files/role.ts';
import { readRoleUse } from './files/role-use.ts';
import { merged } from './files/role-variables.ts';
import { isTemplate, type Reading } from './files/task-file.ts';
import { pathFrom, readVariablesFile } from './files/yaml-file.ts';
import { type Handler, PLAIN_STRATEGIES, type Play, type VariableTrees } from './model.ts';
import { withDefaults } from './module-defaults.ts';
import { messageRange } from './place.ts';
import { PLAY_KEYWORDS } from './play-keywords.ts';
import { readKeywords } from './readers/keywords.ts';
import { refuse } from './readers/reader.ts';
import { reportPlayKey } from './readers/unknown-key.ts';
import { didYouMean } from './suggest.ts';
import { ROLE_READERS, readHandler, readTask } from './task.ts';

type TaskLists = Pick<Play, 'preTasks' | 'roles' | 'tasks' | 'postTasks'>;

const TASK_LISTS = ['pre_tasks', 'roles', 'tasks', 'post_tasks'];

/**
 * Reads a play with those of its tasks that can be read. Undefined, after a report, if it is not a play or names no hosts.
 * @param imported the variables that the imports of its playbook set
 */
export function readPlay(
  tree: Tree,
  catalogue: StepCatalogue,
  problems: Problems,
  imported: VariableTrees,
): Play | undefined {
  if (tree.kind !== 'mapping')
    return refuse({ type: 'object' }, tree, { label: 'a play', problems }, 'begin it with - hosts:');
  const { values, others } = readKeywords(tree, PLAY_KEYWORDS, problems);
  const explained = others.map((other) => reportPlayKey(other, catalogue, problems)).includes(true);
  if (!entry(tree, 'hosts') && !explained)
    problems.error('this play has no hosts', messageRange(tree), 'add hosts: with a group, a host or a pattern');
  const {
    hosts,
    gatherFacts,
    preTasks,
    roles,
    tasks,
    postTasks,
    handlers,
    varsFiles = [],
    varsPrompt = [],
    moduleDefaults,
    strategy: written,
    ...rest
  } = values;
  if (gatherFacts?.value)
    problems.warning(
      'gather_facts has no effect',
      gatherFacts.range,
      'remove it: kplay reads what the tasks need anyway',
    );
  const strategy = strategyOf(written, catalogue, problems);
  const reading = readingOf(tree, catalogue, problems, moduleDefaults);
  const lists = taskListsOf({ preTasks, roles, tasks, postTasks }, reading);
  const fromFiles = new Map(varsFiles.flatMap((file) => variablesIn(file, problems)));
  checkPrompts(varsPrompt, fromFiles, problems);
  const own = (handlers ?? []).map((handler) => readHandler(handler, reading));
  if (!hosts) return undefined;
  if (tasks?.length === 0 || (others.length === 0 && !TASK_LISTS.some((name) => entry(tree, name))))
    problems.warning('this play has no tasks', messageRange(tree), 'add tasks:, or remove the play');
  return {
    ...rest,
    ...(strategy && { strategy }),
    name: values.name ?? hosts,
    hosts,
    vars: new Map([...(values.vars ?? []), ...imported, ...fromFiles]),
    published: merged([...reading.published, ...reading.importPublished]),
    varsPrompt,
    tags: values.tags ?? [],
    ...lists,
    handlers: handlersOf(
      reading,
      own.filter((handler) => handler !== undefined),
    ),
    unreadHandlers: reading.unreadHandlers,
    range: tree.range,
  };
}

/** Reads the lists in the order in which they run: what a role publishes is known to the tasks after it. */
function taskListsOf(
  { preTasks, roles = [], tasks, postTasks }: Record<keyof TaskLists, readonly Tree[] | undefined>,
  reading: Reading,
): TaskLists {
  const read = (trees: readonly Tree[] = []) =>
    trees.map((task) => readTask(task, reading)).filter((task) => task !== undefined);
  return {
    preTasks: read(preTasks),
    roles: roles.flatMap((role) => {
      const use = readRoleUse(role, reading);
      const read = use && readRole(use, reading, ROLE_READERS);
      if (read) reading.published.push(read.shown);
      return read?.tasks ?? [];
    }),
    tasks: read(tasks),
    postTasks: read(postTasks),
  };
}

/** The handlers in the order in which they run. */
function handlersOf(
  { handlers, importedHandlers, includedHandlers, problems }: Reading,
  own: readonly Handler[],
): readonly Handler[] {
  const certain = [...handlers, ...own, ...importedHandlers];
  for (const { name, step } of includedHandlers) {
    const isOther = (other: Handler) =>
      other.name.value === name.value && other.name.range.file.path !== name.range.file.path;
    if (name !== step && certain.some(isOther))
      problems.warning(
        `another handler is called '${name.value}', too`,
        name.range,
        'rename one of them: kplay notifies this one, even if its role is not included',
      );
  }
  return [...certain, ...includedHandlers];
}

/** The context in which the tasks of a play are read. */
function readingOf(
  { range: { file } }: Tree,
  catalogue: StepCatalogue,
  problems: Problems,
  moduleDefaults: Parameters<typeof withDefaults>[1],
): Reading {
  const directory = dirname(file.path);
  const base: Reading = {
    catalogue,
    problems,
    chain: [file.path],
    handlers: [],
    importedHandlers: [],
    includedHandlers: [],
    unreadHandlers: new Set(),
    roles: [],
    users: [],
    published: [],
    importPublished: [],
    home: directory,
    rolePath: [join(directory, 'roles'), directory],
    moduleDefaults: new Map(),
    enclosing: [],
    rolesWithHandlers: new Set(),
  };
  return withDefaults(base, moduleDefaults);
}

/** Warns about prompts without effect: a file in vars_files takes precedence over the answer. */
function checkPrompts(prompts: Play['varsPrompt'], fromFiles: ReadonlyMap<string, Tree>, problems: Problems): void {
  for (const { name } of prompts)
    if (fromFiles.has(name.value))
      problems.error(
        `${name.value} is asked for, but a file in vars_files sets it and takes precedence`,
        name.range,
        'remove it from one of the two',
      );
}

function variablesIn(file: Located<string>, problems: Problems): readonly (readonly [string, Tree])[] {
  if (!isTemplate(file.value)) return [...readVariablesFile(pathFrom(file), file.range, problems)];
  problems.error(
    'the name of a variables file cannot be a template',
    file.range,
    'write it without a template, or use include_vars in a task',
  );
  return [];
}

/** The strategy under kplay's name: Ansible's may have its prefix. */
function strategyOf(
  written: Located<string> | undefined,
  { strategies }: StepCatalogue,
  problems: Problems,
): Located<string> | undefined {
  if (!written) return undefined;
  const { value, range } = written;
  const plain = PLAIN_STRATEGIES.find((name) => name === withoutPrefix(value));
  if (plain || strategies.has(value)) return { value: plain ?? value, range };
  if (withoutPrefix(value) === 'host_pinned')
    problems.error(
      `the strategy ${value} is not supported`,
      range,
      'use free, with which hosts do not wait for each other either',
    );
  else
    problems.error(
      `unknown strategy '${value}'`,
      range,
      didYouMean(value, [...PLAIN_STRATEGIES, ...strategies], 'the strategies are'),
    );
  return undefined;
}
