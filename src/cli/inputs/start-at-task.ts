import { count } from '../../core/count.ts';
import type { Problems } from '../../core/diagnostic.ts';
import { globTest } from '../../core/glob.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import type { BlockTask, Play, Playbook, Task } from '../../playbook/model.ts';
import { nameList } from '../../report/text/words.ts';

/**
 * A playbook from the first task with this name (or glob) on, as `--start-at-task` of ansible-playbook does it. The tasks before are left
 * out, with a warning. Tasks of a rescue or of an include with a loop do not count. A missing task is added to `problems`.
 */
export function startingAt(
  playbook: Playbook | undefined,
  name: string | undefined,
  problems: Problems,
): Playbook | undefined {
  if (!playbook || name === undefined) return playbook;
  const cut = new Cut(name);
  const plays = playbook.plays.flatMap((play) => cut.play(play) ?? []);
  const place = rangeOfArgument('--start-at-task', name);
  if (!cut.isFound)
    problems.error(`no task is called '${name}'`, place, suggestion(name, new Set(cut.leftOut), 'the tasks are'));
  else if (cut.leftOut.length > 0)
    problems.warning(`${count(cut.leftOut.length, 'task')} before it left out: ${nameList(cut.leftOut, 8)}`, place);
  return cut.isFound ? { ...playbook, plays } : playbook;
}

class Cut {
  readonly #name: string;
  readonly #fits: (name: string) => boolean;
  isFound = false;
  /** The names of the tasks before it. */
  readonly leftOut: string[] = [];

  constructor(name: string) {
    this.#name = name;
    this.#fits = globTest(name);
  }

  /** The rest of a play; undefined if the task is neither in it nor before it. */
  play(play: Play): Play | undefined {
    const preTasks = this.#from(play.preTasks);
    const roles = this.#from(play.roles).filter((task): task is BlockTask => task.kind === 'block');
    const tasks = this.#from(play.tasks);
    const postTasks = this.#from(play.postTasks);
    return this.isFound ? { ...play, preTasks, roles, tasks, postTasks } : undefined;
  }

  #from(tasks: readonly Task[], role?: string): readonly Task[] {
    return tasks.flatMap((task) => (this.isFound ? task : (this.#part(task, role) ?? [])));
  }

  #part(task: Task, role: string | undefined): Task | undefined {
    switch (task.kind) {
      case 'step':
        return this.#meet(task.name.value, role) ? task : undefined;
      case 'each':
        // A run cannot start in the middle of a loop.
        return this.#meet(task.task.name.value, role) ? task : undefined;
      case 'block': {
        const own = task.role?.name ?? role;
        const body = this.#from(task.body, own);
        if (this.isFound) return { ...task, body };
        const always = this.#from(task.always, own);
        return this.isFound ? { ...task, body, rescue: [], always } : undefined;
      }
      case 'include': {
        const body = this.#from(task.body, role);
        return this.isFound ? { ...task, body } : undefined;
      }
      case 'meta':
        return undefined;
    }
  }

  #meet(name: string, role: string | undefined): boolean {
    this.isFound = this.#isMeant(name, role);
    if (!this.isFound) this.leftOut.push(name);
    return this.isFound;
  }

  /** As in Ansible, the name of a role may precede it. */
  #isMeant(name: string, role: string | undefined): boolean {
    const names = role === undefined ? [name] : [name, `${role} : ${name}`];
    return names.some((one) => one === this.#name || this.#fits(one));
  }
}
