import { keyword } from './keywords.ts';
import { loopControl } from './loop-control.ts';
import { flag, tags, text, variableName, variables } from './readers.ts';
import { conditions, loopList } from './task-readers.ts';

/** The keys of a task besides that of its step. */
export const TASK_KEYWORDS = {
  name: keyword('name', 'what the task does, as it is shown', text),
  when: keyword('when', 'a condition, or several that must all hold: expressions without braces', conditions),
  tags: keyword('tags', 'words by which the task can be chosen', tags),
  register: keyword('register', 'a variable that gets the result of the task', variableName),
  loop: keyword('loop', 'a list: the task is done once for each entry, which is called item', loopList),
  loopControl: keyword('loop_control', 'how the loop names and shows its entries', loopControl),
  vars: keyword('vars', 'variables of this task', variables),
  become: keyword('become', 'work as root, by sudo', flag),
  ignoreErrors: keyword('ignore_errors', 'go on with the host when the task fails', flag),
  changedWhen: keyword('changed_when', 'when the task counts as a change, in place of what its step says', conditions),
  failedWhen: keyword('failed_when', 'when the task has failed, in place of what its step says', conditions),
  noLog: keyword('no_log', 'show and record nothing of the parameters and the result', flag),
} as const;
