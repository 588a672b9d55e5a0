import { count } from '../../core/count.ts';
import type { Problems } from '../../core/diagnostic.ts';
import { globTest } from '../../core/glob.ts';
import { nameList } from '../../core/name-list.ts';
import { type Located, rangeOfArgument } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { isSelected, type TagSelection } from '../../engine/program/tags.ts';
import type { BlockTask, Play, Playbook, Task } from '../../playbook/model.ts';

/** A playbook of which `--start-at-task` may have left tasks out. */
export interface StartedPlaybook extends Playbook {
  /** The plays with all their tasks, if some are left out: a tag that only those have is no typing mistake. */
  readonly whole?: readonly Play[];
}

/**
 * A playbook from the first task with this name (or glob) on, as `--start-at-task` of ansible-playbook does it. The tasks before are left
 * out, with a warning. Tasks that the tags do not select, and those of a rescue or of an include with a loop, do not count. A missing task
 * is added to `problems`.
 */
export function startingAt(
  playbook: Playbook | undefined,
  name: string | undefined,
  tags: TagSelection,
  problems: Problems,
): StartedPlaybook | undefined {
  if (!playbook || name === undefined) return playbook;
  const cut = new Cut(name, tags);
  const plays = playbook.plays.flatMap((play) => cut.play(play) ?? []);
  const place = rangeOfArgument('--start-at-task', name);
  if (!cut.isFound && cut.isDeselected)
    problems.error(
      `the task '${name}' is not one that the tags select`,
      place,
      'start at one of those, or select it, too',
    );
  else if (!cut.isFound)
    problems.error(`no task is called '${name}'`, place, suggestion(name, new Set(cut.leftOut), 'the tasks are'));
  else if (cut.leftOut.length > 0)
    problems.warning(`${count(cut.leftOut.length, 'task')} before it left out: ${nameList(cut.leftOut, 8)}`, place);
  return cut.isFound ? { ...playbook, plays, whole: playbook.plays } : playbook;
}

class Cut {
  readonly #name: string;
  readonly #fits: (name: string) => boolean;
  readonly #selection: TagSelection;
  isFound = false;
  /** A task has the name, and is left out by its tags. */
  isDeselected = false;
  /** The names of the tasks before it. */
  readonly leftOut: string[] = [];

  constructor(name: string, selection: TagSelection) {
    this.#name = name;
    this.#fits = globTest(name);
    this.#selection = selection;
  }

  /** The rest of a play; undefined if the task is neither in it nor before it. */
  play(play: Play): Play | undefined {
    const around: Surroundings = { role: undefined, tags: namesOf(play.tags) };
    const preTasks = this.#from(play.preTasks, around);
    const roles = this.#from(play.roles, around).filter((task): task is BlockTask => task.kind === 'block');
    const tasks = this.#from(play.tasks, around);
    const postTasks = this.#from(play.postTasks, around);
    return this.isFound ? { ...play, preTasks, roles, tasks, postTasks } : undefined;
  }

  #from(tasks: readonly Task[], around: Surroundings): readonly Task[] {
    return tasks.flatMap((task) => (this.isFound ? task : (this.#part(task, around) ?? [])));
  }

  #part(task: Task, around: Surroundings): Task | undefined {
    switch (task.kind) {
      case 'step':
        return this.#meet(task.name.value, task.tags, around) ? task : undefined;
      case 'each':
        // A run cannot start in the middle of a loop.
        return this.#meet(task.task.name.value, task.task.tags, around) ? task : undefined;
      case 'block': {
        const own = { role: task.role?.name ?? around.role, tags: [...around.tags, ...namesOf(task.tags)] };
        const body = this.#from(task.body, own);
        if (this.isFound) return { ...task, body };
        const always = this.#from(task.always, own);
        return this.isFound ? { ...task, body, rescue: [], always } : undefined;
      }
      case 'include': {
        const body = this.#isSelected(task.tags, around) ? this.#from(task.body, around) : [];
        return this.isFound ? { ...task, body } : undefined;
      }
      case 'meta':
        return undefined;
    }
  }

  #meet(name: string, tags: readonly Located<string>[], around: Surroundings): boolean {
    const isMeant = this.#isMeant(name, around.role);
    this.isFound = isMeant && this.#isSelected(tags, around);
    this.isDeselected ||= isMeant && !this.isFound;
    if (!this.isFound) this.leftOut.push(name);
    return this.isFound;
  }

  #isSelected(tags: readonly Located<string>[], around: Surroundings): boolean {
    return isSelected([...around.tags, ...namesOf(tags)], this.#selection);
  }

  /** As in Ansible, the name of a role may precede it. */
  #isMeant(name: string, role: string | undefined): boolean {
    const names = role === undefined ? [name] : [name, `${role} : ${name}`];
    return names.some((one) => one === this.#name || this.#fits(one));
  }
}

/** What a task has from its role, its blocks and its play. */
interface Surroundings {
  readonly role: string | undefined;
  readonly tags: readonly string[];
}

function namesOf(tags: readonly Located<string>[]): readonly string[] {
  return tags.map(({ value }) => value);
}
