import type { Play, StepTask, Task } from './model.ts';

/** The tasks of a play that run a step, from its pre_tasks to its handlers, including those in blocks. */
export function stepTasksOf({ preTasks, roles, tasks, postTasks, handlers }: Play): readonly StepTask[] {
  return [...[...preTasks, ...roles, ...tasks, ...postTasks].flatMap(stepTasksIn), ...handlers];
}

/** The tasks that run a step, as far as they were read with the playbook. */
export function stepTasksIn(task: Task): readonly StepTask[] {
  switch (task.kind) {
    case 'step':
      return [task];
    case 'block':
      return [...task.body, ...task.rescue, ...task.always].flatMap(stepTasksIn);
    case 'include':
      return task.body.flatMap(stepTasksIn);
    case 'each':
      return task.included.kind === 'read' ? task.included.body.flatMap(stepTasksIn) : [];
    case 'meta':
      return [];
  }
}

/** Whether tasks are included from a file whose name is only known during the run, so that their names and tags are unknown. */
export function includesByName({ preTasks, roles, tasks, postTasks }: Play): boolean {
  return [...preTasks, ...roles, ...tasks, ...postTasks].some(isByName);
}

function isByName(task: Task): boolean {
  switch (task.kind) {
    case 'each':
      return task.included.kind === 'named' || task.included.body.some(isByName);
    case 'include':
      return task.body.some(isByName);
    case 'block':
      return [...task.body, ...task.rescue, ...task.always].some(isByName);
    case 'step':
    case 'meta':
      return false;
  }
}

/** The tags of a play's tasks and blocks. */
export function tagsIn({ preTasks, roles, tasks, postTasks }: Play): StepTask['tags'] {
  return [...preTasks, ...roles, ...tasks, ...postTasks].flatMap(tagsOf);
}

function tagsOf(task: Task): StepTask['tags'] {
  if (task.kind === 'each')
    return [...task.task.tags, ...(task.included.kind === 'read' ? task.included.body.flatMap(tagsOf) : [])];
  if (task.kind === 'include') return [...task.tags, ...task.body.flatMap(tagsOf)];
  if (task.kind !== 'block') return task.tags;
  return [...task.tags, ...[...task.body, ...task.rescue, ...task.always].flatMap(tagsOf)];
}
