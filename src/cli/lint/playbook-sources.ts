import type { SourceFile, SourceRange } from '../../core/source.ts';
import type { Playbook, Task } from '../../playbook/model.ts';
import { tasksIn, topTasksOf } from '../../playbook/step-tasks.ts';

/** The files of a playbook and its tasks, as far as they have been read. */
export function filesOfPlaybook({ file, plays }: Playbook): readonly SourceFile[] {
  // A file may contain only tasks that include others.
  const ofPlays = plays.flatMap((play) => [
    play.range,
    ...[...tasksIn(topTasksOf(play)), ...play.handlers].map(ownRange),
  ]);
  return [...new Set([file, ...ofPlays.map((range) => range.file)])];
}

function ownRange(task: Task): SourceRange {
  if (task.kind === 'step') return task.step.range;
  return task.kind === 'each' ? task.task.range : task.range;
}
