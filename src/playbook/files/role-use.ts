import type { Problems } from '../../core/diagnostic.ts';
import { canonicalJson } from '../../core/json.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { entry, type MappingTree, type ScalarTree, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import { withoutPrefix } from '../catalogue.ts';
import type { BlockTask, VariableTrees } from '../model.ts';
import { messageRange } from '../place.ts';
import { readKeywords } from '../readers/keywords.ts';
import { refuse } from '../readers/reader.ts';
import { reportRoleKey } from '../readers/unknown-key.ts';
import { ROLE_KEYWORDS } from '../task-keywords.ts';
import { isTemplate, type Reading } from './task-file.ts';

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

/** The identity of a use: to Ansible, uses with the same variables, conditions and tags are the same. */
export function useKey({ name, written = [], inherited }: NamedRole): string {
  const { vars = new Map(), when = [], tags = [] } = inherited;
  return canonicalJson([
    name.value,
    Object.fromEntries([...vars].map(([variable, tree]: [string, Tree]) => [variable, treeToJson(tree)])),
    written.map(({ value }) => value).toSorted(),
    when.map(({ value }) => value),
    tags.map(({ value }) => value),
  ]);
}
