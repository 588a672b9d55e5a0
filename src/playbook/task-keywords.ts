import type { Located } from '../core/source.ts';
import { entry } from '../core/yaml/yaml.ts';
import { META_ACTIONS, type MetaAction } from './model.ts';
import { moduleDefaults } from './module-defaults.ts';
import { keyword } from './readers/keywords.ts';
import { loopControl } from './readers/loop-control.ts';
import { taskTrees } from './readers/play-readers.ts';
import { oneOrMore, type Reader, scalar } from './readers/reader.ts';
import { flag, natural, seconds, tags, text, topics, variableName, variables } from './readers/readers.ts';
import {
  conditions,
  environment,
  flagOrTemplate,
  furtherParameters,
  loopList,
  naturalOrTemplate,
} from './readers/task-readers.ts';

const names = oneOrMore(text);

/** Further `meta` actions of Ansible, and what to do instead. */
const FOREIGN_ACTIONS: ReadonlyMap<unknown, string> = new Map([
  [
    'reset_connection',
    'remove it if each run may connect anew; for a new group or shell of the user run what comes before it as a playbook of its own',
  ],
  ['clear_facts', 'remove it: kplay only reads what the tasks need'],
  ['refresh_inventory', 'remove it: the inventory is read once, before any host is contacted'],
  ['end_role', 'put the tasks after it into a block with the opposite condition'],
]);

const metaAction: Reader<Located<MetaAction>> = scalar(
  { enum: [...META_ACTIONS] },
  (value) => META_ACTIONS.find((action) => action === value),
  (value) => FOREIGN_ACTIONS.get(value),
);

/** Keywords that blocks pass on to their tasks. */
const INHERITED_KEYWORDS = {
  when: keyword('when', 'a condition, or several that must all be true: expressions without braces', conditions),
  tags: keyword('tags', 'tags by which the task can be selected', tags),
  vars: keyword('vars', 'variables of this task', variables),
  become: keyword('become', 'work as root, by sudo', flag),
  ignoreErrors: keyword('ignore_errors', 'continue with the host if the task fails', flagOrTemplate),
  ignoreUnreachable: keyword(
    'ignore_unreachable',
    'continue if the host cannot be reached; the next task tries again',
    flag,
  ),
  noLog: keyword('no_log', 'do not show or record parameters and result', flag),
} as const;

/** Further ones, not allowed everywhere. */
const FURTHER_KEYWORDS = {
  delegateTo: keyword('delegate_to', 'the host that runs it instead: a host of the inventory, or localhost', text),
  environment: keyword('environment', 'environment variables for command and shell', environment),
  checkMode: keyword(
    'check_mode',
    'only plan the task: it reports what it would change, and changes nothing',
    flagOrTemplate,
  ),
  diff: keyword('diff', 'whether to show file contents as diffs, whatever --diff says', flagOrTemplate),
  timeout: keyword('timeout', 'time limit in seconds, after which it has failed; 0: none', naturalOrTemplate),
  throttle: keyword('throttle', 'maximum number of hosts that run it at a time; 0: no limit', naturalOrTemplate),
  moduleDefaults: keyword('module_defaults', 'default parameters of steps', moduleDefaults),
} as const;

/** The keys of a task, besides that of its step. */
export const TASK_KEYWORDS = {
  name: keyword('name', 'description of the task, shown in the output', text),
  ...INHERITED_KEYWORDS,
  register: keyword('register', 'a variable that gets the result of the task', variableName),
  loop: keyword('loop', 'a list: the task runs once for each entry, which is called item', loopList),
  loopControl: keyword('loop_control', 'how entries are named and shown', loopControl),
  changedWhen: keyword('changed_when', 'when the task counts as changed, instead of what its step reports', conditions),
  failedWhen: keyword('failed_when', 'when the task counts as failed, instead of what its step reports', conditions),
  until: keyword('until', 'repeat the task until this condition on its result is true', conditions),
  retries: keyword('retries', 'maximum number of repetitions after the first attempt; default: 3', natural),
  delay: keyword('delay', 'seconds between two attempts; default: 5', seconds),
  async: keyword(
    'async',
    'time limit of the task in seconds, also for its command, whatever is set elsewhere; 0: the same as without async',
    naturalOrTemplate,
  ),
  poll: keyword(
    'poll',
    'seconds between two checks in Ansible; kplay notices the end at once, so any number above 0 will do',
    naturalOrTemplate,
  ),
  runOnce: keyword('run_once', 'run it only on the first host; all hosts get its result', flag),
  notify: keyword('notify', 'names of handlers to run if the task has changed something', names),
  args: keyword('args', 'parameters of the step that are not written below it', furtherParameters),
  ...FURTHER_KEYWORDS,
} as const;

/** The keys of a handler, besides that of its step. */
export const HANDLER_KEYWORDS = {
  ...TASK_KEYWORDS,
  listen: keyword('listen', 'further names by which tasks can notify it', topics),
} as const;

/** The keys of a block. */
export const BLOCK_KEYWORDS = {
  name: TASK_KEYWORDS.name,
  ...INHERITED_KEYWORDS,
  body: keyword('block', 'tasks that belong together', taskTrees),
  rescue: keyword('rescue', 'tasks to run on a host on which a task of the block has failed', taskTrees),
  always: keyword('always', 'tasks to run after the block and its rescue, whatever happened', taskTrees),
  ...FURTHER_KEYWORDS,
} as const;

/** The name itself, or a mapping with it. */
const taskFile: Reader<Located<string>> = {
  schema: { anyOf: [text.schema, { type: 'object', properties: { file: text.schema }, additionalProperties: false }] },
  read(tree, site) {
    const file = tree.kind === 'mapping' ? entry(tree, 'file') : undefined;
    for (const { key, keyRange } of file && tree.kind === 'mapping' ? tree.entries : [])
      if (key !== 'file') {
        const hint = key === 'apply' ? 'put a block with these keywords around it' : 'it takes file';
        site.problems.error(`${key} of ${site.label} is not supported`, keyRange, hint);
      }
    const found = text.read(file?.value ?? tree, site);
    if (!found?.value.startsWith('file=')) return found;
    site.problems.error(`${site.label} takes the name of the file alone`, found.range, `write ${found.value.slice(5)}`);
    return undefined;
  },
};

/** The keys of imports of tasks: they apply to each of the tasks. */
export const IMPORT_KEYWORDS = {
  file: keyword('import_tasks', 'a file whose tasks are inserted here', taskFile),
  name: TASK_KEYWORDS.name,
  ...INHERITED_KEYWORDS,
  ...FURTHER_KEYWORDS,
} as const;

/** The keys of includes of tasks: they apply to the include itself. */
export const INCLUDE_KEYWORDS = {
  file: keyword('include_tasks', 'a task file, for the hosts for which the condition is true', taskFile),
  name: TASK_KEYWORDS.name,
  when: INHERITED_KEYWORDS.when,
  tags: INHERITED_KEYWORDS.tags,
  vars: INHERITED_KEYWORDS.vars,
  loop: keyword('loop', 'a list: the tasks run once for each entry, which is called item', loopList),
  loopControl: TASK_KEYWORDS.loopControl,
} as const;

/** The keys of a role in a play; other keys are variables of the role. */
export const ROLE_KEYWORDS = { name: TASK_KEYWORDS.name, ...INHERITED_KEYWORDS, ...FURTHER_KEYWORDS } as const;

/** The keys of a task that imports a role. */
export const ROLE_TASK_KEYWORDS = { name: TASK_KEYWORDS.name, ...INHERITED_KEYWORDS, ...FURTHER_KEYWORDS } as const;

/** The keys of a role that is included, once or per loop entry: they apply to the include itself. */
export const INCLUDE_ROLE_KEYWORDS = {
  name: INCLUDE_KEYWORDS.name,
  when: INCLUDE_KEYWORDS.when,
  tags: INCLUDE_KEYWORDS.tags,
  vars: INCLUDE_KEYWORDS.vars,
  loop: INCLUDE_KEYWORDS.loop,
  loopControl: INCLUDE_KEYWORDS.loopControl,
} as const;

/** The keys of a `meta` action. */
export const META_KEYWORDS = {
  action: keyword('meta', 'an instruction for the run itself', metaAction),
  name: TASK_KEYWORDS.name,
  when: INHERITED_KEYWORDS.when,
  tags: INHERITED_KEYWORDS.tags,
  vars: INHERITED_KEYWORDS.vars,
} as const;
