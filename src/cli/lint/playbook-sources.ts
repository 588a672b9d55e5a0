import type { SourceFile, SourceRange } from '../../core/source.ts';
import type { Playbook, Task } from '../../playbook/model.ts';
import { tasksInside } from '../../playbook/step-tasks.ts';

/** The files of a playbook and its tasks, as far as they have been read. */
export function filesOfPlaybook({ file, plays }: Playbook): readonly SourceFile[] {
  const ofPlays = plays.flatMap(({ range, preTasks, roles, tasks, postTasks, handlers }) => [
    range.file,
    ...[...preTasks, ...roles, ...tasks, ...postTasks, ...handlers].flatMap(filesOf),
  ]);
  return [...new Set([file, ...ofPlays])];
}

/** A file may contain only tasks that include others. */
function filesOf(task: Task): readonly SourceFile[] {
  return [ownRange(task).file, ...tasksInside(task).flatMap(filesOf)];
}

function ownRange(task: Task): SourceRange {
  if (task.kind === 'step') return task.step.range;
  return task.kind === 'each' ? task.task.range : task.range;
}
