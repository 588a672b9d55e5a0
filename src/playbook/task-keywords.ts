import type { Located } from '../core/source.ts';
import { entry } from '../core/yaml/yaml.ts';
import { META_ACTIONS, type MetaAction } from './model.ts';
import { moduleDefaults } from './module-defaults.ts';
import { keyword } from './readers/keywords.ts';
import { loopControl } from './readers/loop-control.ts';
import { taskTrees } from './readers/play-readers.ts';
import { oneOrMore, type Reader, scalar } from './readers/reader.ts';
import { flag, natural, seconds, tags, text, variableName, variables } from './readers/readers.ts';
import { conditions, environment, flagOrTemplate, loopList, naturalOrTemplate } from './readers/task-readers.ts';

const names = oneOrMore(text);

const metaAction: Reader<Located<MetaAction>> = scalar({ enum: [...META_ACTIONS] }, (value) =>
  META_ACTIONS.find((action) => action === value),
);

/** What the tasks of a block have from it, and a task may say itself. */
const INHERITED_KEYWORDS = {
  when: keyword('when', 'a condition, or several that must all hold: expressions without braces', conditions),
  tags: keyword('tags', 'words by which the task can be chosen', tags),
  vars: keyword('vars', 'variables of this task', variables),
  become: keyword('become', 'work as root, by sudo', flag),
  ignoreErrors: keyword('ignore_errors', 'go on with the host when the task fails', flag),
  noLog: keyword('no_log', 'show and record nothing of the parameters and the result', flag),
} as const;

/** The same, that fewer tasks say. */
const FURTHER_KEYWORDS = {
  delegateTo: keyword('delegate_to', 'the host that runs it instead: one of the inventory, or localhost', text),
  environment: keyword('environment', 'variables of the environment in which command and shell run', environment),
  checkMode: keyword(
    'check_mode',
    'only plan the task: it tells what it would change, and changes nothing',
    flagOrTemplate,
  ),
  diff: keyword('diff', 'show contents of files as diffs, or do not, whatever --diff says', flagOrTemplate),
  timeout: keyword('timeout', 'seconds after which it is ended and has failed; 0: none', naturalOrTemplate),
  throttle: keyword('throttle', 'at most so many hosts do it at a time; 0: as many as there are', naturalOrTemplate),
  moduleDefaults: keyword('module_defaults', 'parameters that steps have where a task gives none', moduleDefaults),
} as const;

/** The keys of a task besides that of its step. */
export const TASK_KEYWORDS = {
  name: keyword('name', 'what the task does, as it is shown', text),
  ...INHERITED_KEYWORDS,
  register: keyword('register', 'a variable that gets the result of the task', variableName),
  loop: keyword('loop', 'a list: the task is done once for each entry, which is called item', loopList),
  loopControl: keyword('loop_control', 'how the loop names and shows its entries', loopControl),
  changedWhen: keyword('changed_when', 'when the task counts as a change, in place of what its step says', conditions),
  failedWhen: keyword('failed_when', 'when the task has failed, in place of what its step says', conditions),
  until: keyword(
    'until',
    'repeat the task until this condition holds, which sees the result of each attempt',
    conditions,
  ),
  retries: keyword('retries', 'how often it is repeated, at most; absent: 3 attempts in all', natural),
  delay: keyword('delay', 'seconds between two attempts; absent: 5', seconds),
  async: keyword(
    'async',
    'seconds that the task may take at most, and a command as long whatever is said elsewhere; 0: as if it were not there',
    naturalOrTemplate,
  ),
  poll: keyword(
    'poll',
    'seconds between two looks in Ansible; that the task has ended is seen at once here, so any number above 0 will do',
    naturalOrTemplate,
  ),
  runOnce: keyword('run_once', 'run it on the first host only; its result is that of all hosts', flag),
  notify: keyword('notify', 'handlers that are to run when the task has changed something: their names', names),
  ...FURTHER_KEYWORDS,
} as const;

/** The keys of a handler besides that of its step. */
export const HANDLER_KEYWORDS = {
  ...TASK_KEYWORDS,
  listen: keyword('listen', 'further words by which tasks can notify it', names),
} as const;

/** The keys of a block. */
export const BLOCK_KEYWORDS = {
  name: TASK_KEYWORDS.name,
  ...INHERITED_KEYWORDS,
  body: keyword('block', 'tasks that belong together', taskTrees),
  rescue: keyword('rescue', 'what is done on a host on which a task of the block has failed', taskTrees),
  always: keyword('always', 'what is done after the block and its rescue, whatever happened', taskTrees),
  ...FURTHER_KEYWORDS,
} as const;

/** Either the name itself, or a mapping with it. */
const taskFile: Reader<Located<string>> = {
  schema: { anyOf: [text.schema, { type: 'object', properties: { file: text.schema }, additionalProperties: false }] },
  read(tree, site) {
    const file = tree.kind === 'mapping' && tree.entries.length === 1 ? entry(tree, 'file') : undefined;
    return text.read(file?.value ?? tree, site);
  },
};

/** The keys of tasks that are imported: what they say holds for each of them. */
export const IMPORT_KEYWORDS = {
  file: keyword('import_tasks', 'a file of tasks, which stand here as if they were written here', taskFile),
  name: TASK_KEYWORDS.name,
  ...INHERITED_KEYWORDS,
  ...FURTHER_KEYWORDS,
} as const;

/** The keys of tasks that are included: what they say holds for the including. */
export const INCLUDE_KEYWORDS = {
  file: keyword('include_tasks', 'a file of tasks, for the hosts for which the condition holds', taskFile),
  name: TASK_KEYWORDS.name,
  when: INHERITED_KEYWORDS.when,
  tags: INHERITED_KEYWORDS.tags,
  vars: INHERITED_KEYWORDS.vars,
  loop: keyword('loop', 'a list: the tasks are done once for each entry, which is called item', loopList),
  loopControl: TASK_KEYWORDS.loopControl,
} as const;

/** The keys of a role in a play; what else stands there is a variable of the role. */
export const ROLE_KEYWORDS = { name: TASK_KEYWORDS.name, ...INHERITED_KEYWORDS, ...FURTHER_KEYWORDS } as const;

/** The keys of a task that stands for a role. */
export const ROLE_TASK_KEYWORDS = { name: TASK_KEYWORDS.name, ...INHERITED_KEYWORDS, ...FURTHER_KEYWORDS } as const;

/** The keys of a role that is included, once or for each entry of a loop: what they say holds for the including. */
export const INCLUDE_ROLE_KEYWORDS = {
  name: INCLUDE_KEYWORDS.name,
  when: INCLUDE_KEYWORDS.when,
  tags: INCLUDE_KEYWORDS.tags,
  vars: INCLUDE_KEYWORDS.vars,
  loop: INCLUDE_KEYWORDS.loop,
  loopControl: INCLUDE_KEYWORDS.loopControl,
} as const;

/** The keys of an instruction to the run itself. */
export const META_KEYWORDS = {
  action: keyword('meta', 'an instruction to the run itself', metaAction),
  name: TASK_KEYWORDS.name,
  when: INHERITED_KEYWORDS.when,
  tags: INHERITED_KEYWORDS.tags,
  vars: INHERITED_KEYWORDS.vars,
} as const;
