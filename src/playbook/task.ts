import type { Problems } from '../core/diagnostic.ts';
import type { JsonSchemaObject } from '../core/schema.ts';
import type { Located } from '../core/source.ts';
import { entry, type MappingEntry, type MappingTree, type Tree } from '../core/yaml/yaml.ts';
import { type StepCatalogue, stepNamed, withoutPrefix } from './catalogue.ts';
import { INCLUDES, ROLES, readInclude, readRoleTask } from './files/include.ts';
import type { RoleReaders } from './files/role.ts';
import { type Reading, withInherited } from './files/task-file.ts';
import type { BlockTask, Handler, MetaTask, StepTask, Task } from './model.ts';
import { withDefaultParams, withDefaults } from './module-defaults.ts';
import { readParams } from './parameters/params.ts';
import { messageRange } from './place.ts';
import { readKeywords } from './readers/keywords.ts';
import { readLoop } from './readers/loop-form.ts';
import { refuse } from './readers/reader.ts';
import { reportPartKey, reportTaskKey } from './readers/unknown-key.ts';
import { BLOCK_KEYWORDS, HANDLER_KEYWORDS, META_KEYWORDS, TASK_KEYWORDS } from './task-keywords.ts';

/** Reads a task, a block or a `meta` action. Undefined, after a report, if it is none of these. */
export function readTask(tree: Tree, reading: Reading): Task | undefined {
  const { catalogue, problems } = reading;
  if (tree.kind !== 'mapping')
    return refuse({ type: 'object' }, tree, { label: 'a task', problems }, hintFor(tree, catalogue));
  if (entry(tree, 'block')) return readBlock(tree, reading);
  if (META_NAMES.some((name) => entry(tree, name))) return readMeta(tree, problems);
  if (INCLUDES.some((name) => entry(tree, name))) return readInclude(tree, reading, ROLE_READERS);
  if (ROLES.some((name) => entry(tree, name))) return readRoleTask(tree, reading, ROLE_READERS);
  return readStepTask(tree, reading);
}

/** Reads a handler: a task that can be notified. Undefined, after a report, if it is invalid; what notifies it is then known to be there. */
export function readHandler(tree: Tree, reading: Reading): Handler | undefined {
  const handler = handlerIn(tree, reading);
  if (!handler && tree.kind === 'mapping')
    for (const key of ['name', HANDLER_KEYWORDS.listen.name]) {
      const value = entry(tree, key)?.value;
      for (const word of value?.kind === 'sequence' ? value.items : [value])
        if (word?.kind === 'scalar') reading.unreadHandlers.add(String(word.value));
    }
  return handler;
}

function handlerIn(tree: Tree, reading: Reading): Handler | undefined {
  const { catalogue, problems } = reading;
  if (tree.kind !== 'mapping')
    return refuse({ type: 'object' }, tree, { label: 'a handler', problems }, hintFor(tree, catalogue));
  const other = ['block', ...META_NAMES, ...INCLUDES, ...ROLES].find((name) => entry(tree, name));
  if (other !== undefined) {
    const hint = META_NAMES.includes(other)
      ? 'put the action at the end of the tasks, behind meta: flush_handlers'
      : 'write one handler for each task, with the same listen';
    problems.error(`a handler is a task with a step, not ${withoutPrefix(other)}`, messageRange(tree), hint);
    return undefined;
  }
  const { values } = readKeywords(tree, { listen: HANDLER_KEYWORDS.listen }, problems);
  const entries = tree.entries.filter(({ key }) => key !== HANDLER_KEYWORDS.listen.name);
  const task = readStepTask({ ...tree, entries }, reading);
  return task && { ...task, listen: values.listen ?? [], enclosing: reading.enclosing };
}

/** The contents of a role are read like those of a play. */
export const ROLE_READERS: RoleReaders = { task: readTask, handler: readHandler };

const META_NAMES = ['meta', 'ansible.builtin.meta'];

function readBlock(tree: MappingTree, reading: Reading): BlockTask | undefined {
  const { problems } = reading;
  const { values, others } = readKeywords(tree, BLOCK_KEYWORDS, problems);
  for (const other of others) reportPartKey(other, BLOCK_KEYWORDS, 'a block', problems);
  const { body, rescue, always, moduleDefaults, ...rest } = values;
  const inner = withInherited(withDefaults(reading, moduleDefaults), rest);
  const read = (trees: readonly Tree[] = []) =>
    trees.map((task) => readTask(task, inner)).filter((task) => task !== undefined);
  if (body?.length === 0)
    problems.warning('this block has no tasks', messageRange(tree), 'add tasks, or remove the block');
  return {
    ...rest,
    kind: 'block',
    when: rest.when ?? [],
    tags: rest.tags ?? [],
    vars: rest.vars ?? new Map(),
    body: read(body),
    rescue: read(rescue),
    always: read(always),
    range: tree.range,
  };
}

function readMeta(tree: MappingTree, problems: Problems): MetaTask | undefined {
  const second = tree.entries.filter(({ key }) => META_NAMES.includes(key))[1];
  if (second) problems.error('this task has two meta actions', second.keyRange, 'make it two tasks');
  const entries = tree.entries.map((one) => (META_NAMES.includes(one.key) ? { ...one, key: 'meta' } : one));
  const { values, others } = readKeywords({ ...tree, entries }, META_KEYWORDS, problems);
  for (const other of others) reportPartKey(other, META_KEYWORDS, 'a meta task', problems);
  if (!values.action) return undefined;
  return {
    ...values,
    action: values.action,
    kind: 'meta',
    when: values.when ?? [],
    tags: values.tags ?? [],
    vars: values.vars ?? new Map(),
    range: tree.range,
  };
}

function readStepTask(tree: MappingTree, reading: Reading): StepTask | undefined {
  const { catalogue, problems } = reading;
  const { loop, loopForm, entries } = readLoop(tree, problems);
  const { values, others } = readKeywords({ ...tree, entries }, TASK_KEYWORDS, problems);
  const chosen = chooseStep(tree, others, catalogue, problems);
  const own = chosen && readParams(chosen.step, chosen.value, chosen.schema, problems);
  const params = own && values.args ? withArgs(own, values.args, tree) : own;
  if (values.loopControl && !values.loop && !loop && !entry(tree, 'loop'))
    problems.warning('loop_control has no effect without loop', messageRange(tree), 'remove it, or add loop');
  const retryKeyword = values.retries ?? values.delay;
  if (retryKeyword && !values.until)
    problems.error(
      'retries and delay need until',
      retryKeyword.range,
      'add the condition for the end, such as until: made is succeeded',
    );
  const { moduleDefaults, args: _args, ...rest } = values;
  const inner = withDefaults(reading, moduleDefaults);
  if (!chosen || !params) return undefined;
  return {
    ...rest,
    ...(loop && { loop }),
    ...(loopForm && { loopForm }),
    kind: 'step',
    name: values.name ?? chosen.step,
    step: chosen.step,
    params: withDefaultParams(chosen.step.value, params, inner),
    when: values.when ?? [],
    tags: values.tags ?? [],
    vars: values.vars ?? new Map(),
    notify: values.notify ?? [],
    range: tree.range,
  };
}

/** With the parameters of `args` that the step itself is not given, as in Ansible. */
function withArgs(params: MappingTree, args: MappingTree, { range }: MappingTree): MappingTree {
  const added = args.entries.filter(({ key }) => !entry(params, key));
  return { ...params, entries: [...params.entries, ...added], range };
}

interface ChosenStep {
  /** Its name, with the range of its key. */
  readonly step: Located<string>;
  readonly schema: JsonSchemaObject;
  readonly value: Tree;
}

/**
 * The step that a task names; undefined, after a report, unless there is exactly one. `others` are its keys that are no
 * keywords.
 */
function chooseStep(
  task: MappingTree,
  others: readonly MappingEntry[],
  catalogue: StepCatalogue,
  problems: Problems,
): ChosenStep | undefined {
  const named = others.map((entry) => ({ entry, chosen: stepOf(entry, catalogue) }));
  const [first, second] = named.flatMap(({ chosen }) => chosen ?? []);
  const explained = named
    .filter(({ chosen }) => !chosen)
    .map(({ entry }) => reportTaskKey(entry, first?.step, catalogue, problems));
  if (first && second) {
    const message = `this task names two steps, ${first.step.value} and ${second.step.value}`;
    problems.error(message, second.step.range, 'a task has one step: make it two tasks');
    return undefined;
  }
  if (!first && !explained.includes(true))
    problems.error('this task names no step', messageRange(task), 'add one as a key, such as certs.check: {}');
  return first;
}

function stepOf({ key, keyRange, value }: MappingEntry, catalogue: StepCatalogue): ChosenStep | undefined {
  const name = stepNamed(key, catalogue);
  const schema = name === undefined ? undefined : catalogue.steps.get(name)?.schema;
  return name === undefined || !schema ? undefined : { step: { value: name, range: keyRange }, schema, value };
}

/** A hint for a text in place of a task: usually a colon is missing. */
function hintFor(tree: Tree, catalogue: StepCatalogue): string {
  const [word = '', ...others] = tree.kind === 'scalar' ? tree.raw.split(/\s+/) : [];
  if (stepNamed(word, catalogue) === undefined) return 'write a mapping such as - certs.check: {}';
  return others.length === 0 ? `write - ${word}: {}` : `write a colon after ${word}`;
}
