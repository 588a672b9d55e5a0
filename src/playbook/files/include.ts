import type { Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import { entry, type MappingEntry, type MappingTree, type Tree } from '../../core/yaml/yaml.ts';
import { withoutPrefix } from '../catalogue.ts';
import type {
  BlockTask,
  EachTask,
  Included,
  IncludeTask,
  LoopControl,
  StepTask,
  Task,
  VariableTrees,
} from '../model.ts';
import { withDefaults } from '../module-defaults.ts';
import { messageRange } from '../place.ts';
import { type Keywords, namesOf, readKeywords } from '../readers/keywords.ts';
import { readLoop } from '../readers/loop-form.ts';
import { reportPartKey } from '../readers/unknown-key.ts';
import {
  IMPORT_KEYWORDS,
  INCLUDE_KEYWORDS,
  INCLUDE_ROLE_KEYWORDS,
  ROLE_TASK_KEYWORDS,
  TASK_KEYWORDS,
} from '../task-keywords.ts';
import { DeferredFiles } from './deferred-files.ts';
import { type RoleReaders, readRole } from './role.ts';
import { type RoleOfTask, roleOfTask } from './role-use.ts';
import { forImport, forInclude, isTemplate, type Reading, readTaskFile, withInherited } from './task-file.ts';

export const INCLUDES = ['import_tasks', 'include_tasks'].flatMap((name) => [name, `ansible.builtin.${name}`]);

export const ROLES = ['import_role', 'include_role'].flatMap((name) => [name, `ansible.builtin.${name}`]);

/**
 * A file of tasks in place of a task: read immediately, unless a template names it. The keywords of an import apply to each of
 * its tasks, like those of a block.
 */
export function readInclude(
  tree: MappingTree,
  reading: Reading,
  readers: RoleReaders,
): BlockTask | IncludeTask | EachTask | undefined {
  const { problems } = reading;
  const key = INCLUDES.find((name) => entry(tree, name)) ?? '';
  const what = withoutPrefix(key);
  const renamed = tree.entries.map((one) => (one.key === key ? { ...one, key: what } : one));
  if (what === 'import_tasks') return readImport({ ...tree, entries: renamed }, reading, readers);
  const { loop, loopForm, entries } = readLoop({ ...tree, entries: renamed }, problems);
  const { values, others } = readKeywords({ ...tree, entries }, INCLUDE_KEYWORDS, problems);
  reportOthers(others, INCLUDE_KEYWORDS, what, problems);
  const { file, when = [], tags = [], vars = new Map() } = values;
  const written = entry(tree, key)?.value;
  if (!file || !written) return undefined;
  const name = values.name ?? file;
  const repeated = { ...values, ...(loop && { loop }), ...(loopForm && { loopForm }) };
  const readFile = (value: string, inner: Reading): readonly Task[] | undefined => {
    const trees = readTaskFile({ ...file, value }, inner, 'included');
    return trees && tasksOf(trees.items, { ...inner, chain: [...inner.chain, trees.path] }, readers);
  };
  if (isTemplate(file.value)) {
    const files = new DeferredFiles(
      (named, handlers, found) => readFile(fileOf(named), { ...forInclude(reading, handlers), problems: found }) ?? [],
    );
    const params = mappingWith('file', entry(tree, key)?.keyRange ?? tree.range, pathTree(written));
    return each(tree, key, { name, params, when, tags, vars, ...repeated }, { kind: 'named', files });
  }
  const body = readFile(file.value, forInclude(reading));
  if (!body) return undefined;
  if (repeated.loop) {
    return each(
      tree,
      key,
      { name, params: withoutEntries(tree), when, tags, vars, ...repeated },
      { kind: 'read', body },
    );
  }
  warnOfControl(values.loopControl, tree, problems);
  return { kind: 'include', name, when, tags, vars, body, range: tree.range };
}

function readImport(tree: MappingTree, reading: Reading, readers: RoleReaders): BlockTask | undefined {
  const { problems } = reading;
  const { values, others } = readKeywords(tree, IMPORT_KEYWORDS, problems);
  reportOthers(others, IMPORT_KEYWORDS, 'import_tasks', problems);
  const { file, moduleDefaults, ...rest } = values;
  if (file && isTemplate(file.value)) {
    problems.error(
      'the name of a file that is imported cannot be a template',
      file.range,
      'write include_tasks, which is read when the name is known',
    );
    return undefined;
  }
  const trees = file && readTaskFile(file, reading, 'imported');
  if (!trees) return undefined;
  return {
    ...rest,
    kind: 'block',
    when: rest.when ?? [],
    tags: rest.tags ?? [],
    vars: rest.vars ?? new Map(),
    body: tasksOf(
      trees.items,
      { ...withInherited(withDefaults(reading, moduleDefaults), rest), chain: [...reading.chain, trees.path] },
      readers,
    ),
    rescue: [],
    always: [],
    range: tree.range,
  };
}

/**
 * A role in place of a task. The condition of an import applies to each of its tasks, that of an include is evaluated once per
 * entry.
 */
export function readRoleTask(
  tree: MappingTree,
  reading: Reading,
  readers: RoleReaders,
): BlockTask | IncludeTask | EachTask | undefined {
  const key = ROLES.find((name) => entry(tree, name)) ?? '';
  if (withoutPrefix(key) === 'include_role') return includeRole(tree, key, reading, readers);
  const role = roleOfTask(tree, key, reading);
  const { values, others } = readKeywords(withoutEntry(tree, key), ROLE_TASK_KEYWORDS, reading.problems);
  reportOthers(others, ROLE_TASK_KEYWORDS, 'import_role', reading.problems);
  if (!role) return undefined;
  const { when = [], tags = [], moduleDefaults, ...inherited } = values;
  const inner = withInherited(withDefaults(forImport(reading), moduleDefaults), { when });
  const read = readRole({ ...role, inherited, range: tree.range }, inner, readers);
  if (!read) return undefined;
  inner.published.push(read.shown);
  const common = { name: values.name ?? role.name, when, tags, vars: new Map(), range: tree.range };
  return { ...common, kind: 'block', body: read.tasks, rescue: [], always: [] };
}

function includeRole(
  tree: MappingTree,
  key: string,
  reading: Reading,
  readers: RoleReaders,
): IncludeTask | EachTask | undefined {
  const { problems } = reading;
  const role = roleOfTask(tree, key, reading);
  const { loop, loopForm, entries } = readLoop(withoutEntry(tree, key), problems);
  const { values, others } = readKeywords({ ...tree, entries }, INCLUDE_ROLE_KEYWORDS, problems);
  reportOthers(others, INCLUDE_ROLE_KEYWORDS, 'include_role', problems);
  if (!role) return undefined;
  const { when = [], tags = [], loop: list = loop, loopControl, vars = new Map() } = values;
  const name = values.name ?? role.name;
  // As in Ansible, the variables of a loop take precedence over what the include gives a role under the same name.
  const ofLoop = list ? [loopControl?.loopVar?.value ?? 'item', loopControl?.indexVar?.value] : [];
  const given: VariableTrees = new Map([...vars].filter(([variable]) => !ofLoop.includes(variable)));
  const passedVars = { by: 'include', names: new Set(given.keys()) } as const;
  const fields = {
    ...{ name, params: role.params, when, tags, vars },
    ...(list && { loop: list }),
    ...(loopForm && { loopForm }),
    ...(loopControl && { loopControl }),
  };
  const readNamed = (named: Pick<RoleOfTask, 'name' | 'tasksFrom'>, inner: Reading) =>
    readRole({ ...named, inherited: { vars: given, passedVars }, range: tree.range }, inner, readers)?.tasks;
  if (role.isTemplate) {
    const files = new DeferredFiles(
      (named, handlers, found) =>
        readNamed(roleNamed(named, role.name), { ...forInclude(reading, handlers), problems: found }) ?? [],
    );
    return each(tree, key, fields, { kind: 'named', files });
  }
  const body = readNamed(role, forInclude(reading));
  if (!body) return undefined;
  if (list) return each(tree, key, { ...fields, params: withoutEntries(tree) }, { kind: 'read', body });
  warnOfControl(loopControl, tree, problems);
  return { kind: 'include', name, when, tags, vars, body, range: tree.range };
}

function each(
  tree: MappingTree,
  key: string,
  fields: Omit<StepTask, 'kind' | 'step' | 'notify' | 'range'>,
  included: Included,
): EachTask {
  const step = { value: withoutPrefix(key), range: entry(tree, key)?.keyRange ?? tree.range };
  return { kind: 'each', task: { ...fields, kind: 'step', step, notify: [], range: tree.range }, included };
}

function tasksOf(trees: readonly Tree[], reading: Reading, readers: RoleReaders): readonly Task[] {
  return trees.map((tree) => readers.task(tree, reading)).filter((task) => task !== undefined);
}

function reportOthers(others: readonly MappingEntry[], keywords: Keywords, what: string, problems: Problems): void {
  for (const other of others) {
    const { key, keyRange } = other;
    const isLoop = key === 'loop' || key === 'loop_control' || key.startsWith('with_');
    if (isLoop && what.startsWith('import_'))
      problems.error(
        `${what} has no ${key}`,
        keyRange,
        `write ${what.replace('import', 'include')}, which can be repeated`,
      );
    else if (what.startsWith('include_') && namesOf(IMPORT_KEYWORDS).includes(key))
      problems.error(
        `${what} does not pass ${key} on to what it includes`,
        keyRange,
        'set it on a block around the include, or import instead of include',
      );
    else if (key === TASK_KEYWORDS.args.name)
      problems.error(`${what} has no ${key}`, keyRange, `write what is in it below ${what}`);
    else reportPartKey(other, keywords, what, problems);
  }
}

function warnOfControl(control: LoopControl | undefined, tree: MappingTree, problems: Problems): void {
  if (control)
    problems.warning('loop_control has no effect without loop', messageRange(tree), 'remove it, or add loop');
}

/** `include_tasks: FILE` and `include_tasks: { file: FILE }` are equivalent. */
function pathTree(written: Tree): Tree {
  return (written.kind === 'mapping' && entry(written, 'file')?.value) || written;
}

/** The entries of a task except the one that defines it. */
function withoutEntry(tree: MappingTree, key: string): MappingTree {
  return { ...tree, entries: tree.entries.filter((one) => one.key !== key) };
}

/** The included tasks are known: no parameters are left. */
function withoutEntries(tree: MappingTree): MappingTree {
  return { ...tree, entries: [] };
}

function mappingWith(key: string, keyRange: MappingEntry['keyRange'], value: Tree): MappingTree {
  return { kind: 'mapping', entries: [{ key, keyRange, value }], range: value.range };
}

/** The rendered parameters of the include. */
function fileOf(named: Json): string {
  return isJsonObject(named) ? String(named['file']) : '';
}

function roleNamed(named: Json, { range }: { readonly range: Tree['range'] }) {
  const { name = '', tasks_from: from } = isJsonObject(named) ? named : {};
  return {
    name: { value: String(name), range },
    ...(from !== undefined && { tasksFrom: String(from).replace(/\.ya?ml$/, '') }),
  };
}
