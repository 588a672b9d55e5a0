import { moduleDefaults } from './module-defaults.ts';
import { keyword } from './readers/keywords.ts';
import { batchSizes, fileNames, hostPattern, roleTrees, taskTrees } from './readers/play-readers.ts';
import { flag, percentage, tags, text, variables } from './readers/readers.ts';
import { environment, flagOrTemplate, naturalOrTemplate } from './readers/task-readers.ts';
import { varPrompts } from './readers/var-prompt.ts';
import { hooks } from './rollout/hooks.ts';
import { rollout } from './rollout/rollout.ts';

/** The keys of a play. Its strategy and tasks are read again once the catalogue is known. */
export const PLAY_KEYWORDS = {
  name: keyword('name', 'description of the play, shown in the output', text),
  hosts: keyword('hosts', 'its hosts: groups, hosts and patterns such as masters:!prod-m3', hostPattern),
  vars: keyword('vars', 'variables of all its tasks', variables),
  varsFiles: keyword('vars_files', 'files with such variables, which take precedence over vars', fileNames),
  varsPrompt: keyword('vars_prompt', 'variables that kplay asks for on the terminal, unless -e sets them', varPrompts),
  become: keyword('become', 'work as root, by sudo', flag),
  serial: keyword(
    'serial',
    'how many hosts form a batch: a number, a share such as 25%, or a list of these; the run ends after a batch in which no host succeeded',
    batchSizes,
  ),
  anyErrorsFatal: keyword('any_errors_fatal', 'if one host fails, stop all of them', flag),
  maxFailPercentage: keyword(
    'max_fail_percentage',
    'stop if more than this percentage of a batch has failed',
    percentage,
  ),
  strategy: keyword('strategy', 'the order in which hosts go through the tasks', text),
  order: keyword(
    'order',
    'the order of the hosts: inventory, reverse_inventory, sorted, reverse_sorted or shuffle; with a strategy, an order that it uses whatever it observes, such as recovery',
    text,
  ),
  gatherFacts: keyword('gather_facts', 'has no effect: kplay only reads what the tasks need', flag),
  tags: keyword('tags', 'tags for all its tasks', tags),
  preTasks: keyword('pre_tasks', 'tasks that run before the roles', taskTrees),
  roles: keyword('roles', 'roles, which run before the tasks: names, or mappings with role', roleTrees),
  tasks: keyword('tasks', 'the tasks, in order', taskTrees),
  postTasks: keyword('post_tasks', 'tasks that run after the tasks and their handlers', taskTrees),
  rollout: keyword(
    'rollout',
    'the waves in which it goes through its clusters, and how many of them may fail',
    rollout,
  ),
  handlers: keyword(
    'handlers',
    'tasks that run once, later, if a task that notifies them has changed something',
    taskTrees,
  ),
  forceHandlers: keyword('force_handlers', 'run notified handlers on failed hosts, too', flag),
  onStart: keyword(
    'on_start',
    'requests and commands, run on the machine of kplay before the first change; if one fails, nothing is changed',
    hooks,
  ),
  onSuccess: keyword('on_success', 'the same, after the play has changed something and succeeded', hooks),
  onFailure: keyword('on_failure', 'the same, if a host has failed, was refused or could not be reached', hooks),
  onWave: keyword('on_wave', 'the same, when a wave of the rollout starts, and when it has ended', hooks),
  ignoreUnreachable: keyword(
    'ignore_unreachable',
    'continue with hosts that cannot be reached; the next task tries again',
    flag,
  ),
  environment: keyword('environment', 'environment variables for command and shell', environment),
  checkMode: keyword(
    'check_mode',
    'only plan its tasks: they report what they would change, and change nothing',
    flagOrTemplate,
  ),
  diff: keyword('diff', 'whether to show file contents as diffs, whatever --diff says', flagOrTemplate),
  timeout: keyword(
    'timeout',
    'time limit of each task in seconds, after which it has failed; 0: none',
    naturalOrTemplate,
  ),
  throttle: keyword('throttle', 'maximum number of hosts that run a task at a time; 0: no limit', naturalOrTemplate),
  moduleDefaults: keyword('module_defaults', 'default parameters of steps', moduleDefaults),
} as const;

/** The keys of an imported playbook in place of a play: they apply to each of its plays. */
export const IMPORT_PLAYBOOK_KEYWORDS = {
  file: keyword('import_playbook', 'a playbook whose plays are inserted here', text),
  name: PLAY_KEYWORDS.name,
  vars: PLAY_KEYWORDS.vars,
  tags: PLAY_KEYWORDS.tags,
} as const;
