import { count } from '../../core/count.ts';
import type { Problems } from '../../core/diagnostic.ts';
import { globTest } from '../../core/glob.ts';
import { SourceFile } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import type { BlockTask, Play, Playbook, Task } from '../../playbook/model.ts';
import { nameList } from '../../report/words.ts';

/**
 * A playbook from the first task of this name on, which may be a glob, as `--start-at-task` of ansible-playbook has it. What stands
 * before is left out, with a warning. A task of a rescue, or of an include with a loop, does not count. That there is no such task
 * is added to `problems`.
 */
export function startingAt(
  playbook: Playbook | undefined,
  name: string | undefined,
  problems: Problems,
): Playbook | undefined {
  if (!playbook || name === undefined) return playbook;
  const cut = new Cut(name);
  const plays = playbook.plays.flatMap((play) => cut.play(play) ?? []);
  const place = new SourceFile('--start-at-task', name).range(0, name.length);
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

  /** What is left of a play; undefined when the task is not in it, and not before it. */
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
        // In the midst of a loop no run could begin.
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

  /** As Ansible: the name of a role may stand before it. */
  #isMeant(name: string, role: string | undefined): boolean {
    const names = role === undefined ? [name] : [name, `${role} : ${name}`];
    return names.some((one) => one === this.#name || this.#fits(one));
  }
}
