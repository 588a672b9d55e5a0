import type { SourceFile } from '../../core/source.ts';
import type { Playbook, Task } from '../../playbook/model.ts';

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
  switch (task.kind) {
    case 'step':
      return [task.step.range.file];
    case 'meta':
      return [task.range.file];
    case 'block':
      return [task.range.file, ...[...task.body, ...task.rescue, ...task.always].flatMap(filesOf)];
    case 'include':
      return [task.range.file, ...task.body.flatMap(filesOf)];
    case 'each':
      return [task.task.range.file, ...(task.included.kind === 'read' ? task.included.body.flatMap(filesOf) : [])];
  }
}
