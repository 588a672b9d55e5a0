import type { CompiledTask } from '../program/compiled.ts';
import type { Hosts } from './frame.ts';
import type { TaskRequest, Verdicts, Walk } from './request.ts';

/** Has a task run on these hosts: with `run_once` on the first, whose result the others are given. */
export function* onEach(
  task: CompiledTask,
  hosts: Hosts,
  how: Pick<TaskRequest, 'conditions' | 'notify' | 'isBehindFailure'>,
): Walk<Verdicts> {
  const [first, ...others] = hosts;
  if (first === undefined) return new Map();
  const verdicts = yield { kind: 'task', task, hosts: task.runOnce ? [first] : [...hosts], ...how };
  return task.runOnce && others.length > 0
    ? yield { kind: 'share', task, from: first, hosts: others, verdicts }
    : verdicts;
}
