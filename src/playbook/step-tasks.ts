import type { Play, StepTask, Task } from './model.ts';

/** The tasks of a play that carry out a step, from the first of its pre_tasks to its handlers, those of blocks among them. */
export function stepTasksOf({ preTasks, roles, tasks, postTasks, handlers }: Play): readonly StepTask[] {
  return [...[...preTasks, ...roles, ...tasks, ...postTasks].flatMap(stepTasksIn), ...handlers];
}

function stepTasksIn(task: Task): readonly StepTask[] {
  switch (task.kind) {
    case 'step':
      return [task];
    case 'block':
      return [...task.body, ...task.rescue, ...task.always].flatMap(stepTasksIn);
    case 'include':
      return task.body.flatMap(stepTasksIn);
    case 'meta':
      return [];
  }
}

/** The tags of a play's tasks and blocks. */
export function tagsIn({ preTasks, roles, tasks, postTasks }: Play): Task['tags'] {
  return [...preTasks, ...roles, ...tasks, ...postTasks].flatMap(tagsOf);
}

function tagsOf(task: Task): Task['tags'] {
  if (task.kind === 'include') return [...task.tags, ...task.body.flatMap(tagsOf)];
  if (task.kind !== 'block') return task.tags;
  return [...task.tags, ...[...task.body, ...task.rescue, ...task.always].flatMap(tagsOf)];
}
