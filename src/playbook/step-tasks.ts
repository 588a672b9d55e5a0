import type { Play, StepTask, Task } from './model.ts';

/** The top-level tasks of a play, from its pre_tasks to its post_tasks, without handlers. */
export function topTasksOf({ preTasks, roles, tasks, postTasks }: Play): readonly Task[] {
  return [...preTasks, ...roles, ...tasks, ...postTasks];
}

/** The tasks directly in a task, as far as they were read with the playbook. */
export function tasksInside(task: Task): readonly Task[] {
  switch (task.kind) {
    case 'block':
      return [...task.body, ...task.rescue, ...task.always];
    case 'include':
      return task.body;
    case 'each':
      return task.included.kind === 'read' ? task.included.body : [];
    case 'step':
    case 'meta':
      return [];
  }
}

/** These tasks and those inside them, at any depth, as far as they were read with the playbook. */
export function tasksIn(tasks: readonly Task[]): readonly Task[] {
  return tasks.flatMap((task) => [task, ...tasksIn(tasksInside(task))]);
}

/** Those of them that run a step. */
export function stepTasksIn(tasks: readonly Task[]): readonly StepTask[] {
  return tasksIn(tasks).filter((task) => task.kind === 'step');
}

/** The tasks of a play that run a step, from its pre_tasks to its handlers, including those in blocks. */
export function stepTasksOf(play: Play): readonly StepTask[] {
  return [...stepTasksIn(topTasksOf(play)), ...play.handlers];
}

/** Whether tasks are included from a file whose name is only known during the run, so that their names and tags are unknown. */
export function includesByName(play: Play): boolean {
  return tasksIn(topTasksOf(play)).some((task) => task.kind === 'each' && task.included.kind === 'named');
}

/** The tags of a play's tasks and blocks. */
export function tagsIn(play: Play): StepTask['tags'] {
  return tasksIn(topTasksOf(play)).flatMap((task) => (task.kind === 'each' ? task.task : task).tags);
}
