import type { Play, StepTask, Task } from './model.ts';

/** The tasks of a play that run a step, from its pre_tasks to its handlers, including those in blocks. */
export function stepTasksOf({ preTasks, roles, tasks, postTasks, handlers }: Play): readonly StepTask[] {
  return [...[...preTasks, ...roles, ...tasks, ...postTasks].flatMap(stepTasksIn), ...handlers];
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

/** The tasks that run a step, as far as they were read with the playbook. */
export function stepTasksIn(task: Task): readonly StepTask[] {
  return task.kind === 'step' ? [task] : tasksInside(task).flatMap(stepTasksIn);
}

/** Whether tasks are included from a file whose name is only known during the run, so that their names and tags are unknown. */
export function includesByName({ preTasks, roles, tasks, postTasks }: Play): boolean {
  return [...preTasks, ...roles, ...tasks, ...postTasks].some(isByName);
}

function isByName(task: Task): boolean {
  return (task.kind === 'each' && task.included.kind === 'named') || tasksInside(task).some(isByName);
}

/** The tags of a play's tasks and blocks. */
export function tagsIn({ preTasks, roles, tasks, postTasks }: Play): StepTask['tags'] {
  return [...preTasks, ...roles, ...tasks, ...postTasks].flatMap(tagsOf);
}

function tagsOf(task: Task): StepTask['tags'] {
  const { tags } = task.kind === 'each' ? task.task : task;
  return [...tags, ...tasksInside(task).flatMap(tagsOf)];
}
