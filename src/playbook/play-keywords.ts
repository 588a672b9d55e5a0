import { keyword } from './keywords.ts';
import { batchSizes, fileNames, hostPattern, roleTrees, taskTrees } from './play-readers.ts';
import { flag, percentage, tags, text, variables } from './readers.ts';
import { environment } from './task-readers.ts';

/** The keys of a play. Its strategy and its tasks are looked at again where the catalogue is known. */
export const PLAY_KEYWORDS = {
  name: keyword('name', 'what the play does, as it is shown', text),
  hosts: keyword('hosts', 'the hosts it is for: groups, hosts and patterns such as masters:!prod-m3', hostPattern),
  vars: keyword('vars', 'variables of all its tasks', variables),
  varsFiles: keyword('vars_files', 'files of such variables, which are stronger than vars', fileNames),
  become: keyword('become', 'work as root, by sudo', flag),
  serial: keyword(
    'serial',
    'how many hosts go at a time: a number, a share such as 25%, or a list of these',
    batchSizes,
  ),
  anyErrorsFatal: keyword('any_errors_fatal', 'when a host fails, stop all of them', flag),
  maxFailPercentage: keyword(
    'max_fail_percentage',
    'stop when more than this share of a batch has failed, in percent',
    percentage,
  ),
  strategy: keyword('strategy', 'in which order the hosts go through the tasks', text),
  order: keyword('order', 'an order that the strategy is to take whatever it observes, such as recovery', text),
  gatherFacts: keyword('gather_facts', 'has no effect: what the tasks need is read, and nothing else', flag),
  tags: keyword('tags', 'words by which all its tasks can be chosen', tags),
  preTasks: keyword('pre_tasks', 'what is done before the tasks', taskTrees),
  roles: keyword('roles', 'roles, whose tasks come before the tasks: names, or mappings with role', roleTrees),
  tasks: keyword('tasks', 'what is done, in order', taskTrees),
  postTasks: keyword('post_tasks', 'what is done after the tasks and their handlers', taskTrees),
  handlers: keyword(
    'handlers',
    'what is done once, later, when a task that notifies it has changed something',
    taskTrees,
  ),
  forceHandlers: keyword('force_handlers', 'notified handlers run on hosts that have failed, too', flag),
  environment: keyword('environment', 'variables of the environment in which command and shell run', environment),
} as const;

/** The keys of a playbook that is imported in the place of a play: what they say holds for each of its plays. */
export const IMPORT_PLAYBOOK_KEYWORDS = {
  file: keyword('import_playbook', 'a playbook, whose plays stand here as if they were written here', text),
  name: PLAY_KEYWORDS.name,
  vars: PLAY_KEYWORDS.vars,
  tags: PLAY_KEYWORDS.tags,
} as const;
