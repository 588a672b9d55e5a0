import { moduleDefaults } from './module-defaults.ts';
import { keyword } from './readers/keywords.ts';
import { batchSizes, fileNames, hostPattern, roleTrees, taskTrees } from './readers/play-readers.ts';
import { flag, percentage, tags, text, variables } from './readers/readers.ts';
import { environment, flagOrTemplate, naturalOrTemplate } from './readers/task-readers.ts';
import { varPrompts } from './readers/var-prompt.ts';
import { hooks } from './rollout/hooks.ts';
import { rollout } from './rollout/rollout.ts';

/** The keys of a play. Its strategy and its tasks are looked at again where the catalogue is known. */
export const PLAY_KEYWORDS = {
  name: keyword('name', 'what the play does, as it is shown', text),
  hosts: keyword('hosts', 'the hosts it is for: groups, hosts and patterns such as masters:!prod-m3', hostPattern),
  vars: keyword('vars', 'variables of all its tasks', variables),
  varsFiles: keyword('vars_files', 'files of such variables, which are stronger than vars', fileNames),
  varsPrompt: keyword(
    'vars_prompt',
    'variables that are asked for on the terminal, where -e does not give them',
    varPrompts,
  ),
  become: keyword('become', 'work as root, by sudo', flag),
  serial: keyword(
    'serial',
    'how many hosts go at a time: a number, a share such as 25%, or a list of these; behind a batch of which no host has come through nothing more is begun',
    batchSizes,
  ),
  anyErrorsFatal: keyword('any_errors_fatal', 'when a host fails, stop all of them', flag),
  maxFailPercentage: keyword(
    'max_fail_percentage',
    'stop when more than this share of a batch has failed, in percent',
    percentage,
  ),
  strategy: keyword('strategy', 'in which order the hosts go through the tasks', text),
  order: keyword(
    'order',
    'in which order hosts are taken: inventory, reverse_inventory, sorted, reverse_sorted or shuffle; with a strategy the order that it is to take whatever it observes, such as recovery',
    text,
  ),
  gatherFacts: keyword('gather_facts', 'has no effect: what the tasks need is read, and nothing else', flag),
  tags: keyword('tags', 'words by which all its tasks can be chosen', tags),
  preTasks: keyword('pre_tasks', 'what is done before the tasks', taskTrees),
  roles: keyword('roles', 'roles, whose tasks come before the tasks: names, or mappings with role', roleTrees),
  tasks: keyword('tasks', 'what is done, in order', taskTrees),
  postTasks: keyword('post_tasks', 'what is done after the tasks and their handlers', taskTrees),
  rollout: keyword('rollout', 'in which waves it goes through its clusters, and how many of them may fail', rollout),
  handlers: keyword(
    'handlers',
    'what is done once, later, when a task that notifies it has changed something',
    taskTrees,
  ),
  forceHandlers: keyword('force_handlers', 'notified handlers run on hosts that have failed, too', flag),
  onStart: keyword(
    'on_start',
    'requests and commands of the machine of kplay, before the first change; when one fails, nothing is changed',
    hooks,
  ),
  onSuccess: keyword('on_success', 'the same, when the play has changed something and ended well', hooks),
  onFailure: keyword('on_failure', 'the same, when a host has failed, was refused or could not be reached', hooks),
  onWave: keyword('on_wave', 'the same, when a wave of the rollout begins, and when it has ended', hooks),
  environment: keyword('environment', 'variables of the environment in which command and shell run', environment),
  checkMode: keyword(
    'check_mode',
    'only plan its tasks: they tell what they would change, and change nothing',
    flagOrTemplate,
  ),
  diff: keyword('diff', 'show contents of files as diffs, or do not, whatever --diff says', flagOrTemplate),
  timeout: keyword('timeout', 'seconds after which a task is ended and has failed; 0: none', naturalOrTemplate),
  throttle: keyword(
    'throttle',
    'at most so many hosts do a task at a time; 0: as many as there are',
    naturalOrTemplate,
  ),
  moduleDefaults: keyword('module_defaults', 'parameters that steps have where a task gives none', moduleDefaults),
} as const;

/** The keys of a playbook that is imported in the place of a play: what they say holds for each of its plays. */
export const IMPORT_PLAYBOOK_KEYWORDS = {
  file: keyword('import_playbook', 'a playbook, whose plays stand here as if they were written here', text),
  name: PLAY_KEYWORDS.name,
  vars: PLAY_KEYWORDS.vars,
  tags: PLAY_KEYWORDS.tags,
} as const;
