import { UnknownValueError } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import type { PlannerInput } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { wholeNumberOf } from '../program/settings.ts';
import { scopeOf } from '../program/task-scope.ts';
import type { HostRun } from './host-run.ts';
import { Turns } from './turns.ts';

/**
 * When tasks may begin: in step at once, since the next one waits for it. Where each host goes on its own, so many as there are forks go
 * on at a time, and of the same task no more than its `throttle` says.
 */
export class TaskTurns {
  readonly #input: PlannerInput;
  readonly #forks: number;
  readonly #all = new Turns();
  readonly #ofTasks = new Map<string, Turns>();

  constructor(input: PlannerInput, forks: number) {
    this.#input = input;
    this.#forks = forks;
  }

  take<T>(task: CompiledTask, hosts: readonly HostRun[], work: () => Promise<T>): Promise<T> {
    const [host] = hosts;
    if (!host || !this.#input.play.goesFree) return work();
    const inTurn = () => this.#all.take(this.#forks, work);
    const throttle = throttleOf(this.#input, task, host);
    return throttle === 0 ? inTurn() : this.#of(task).take(throttle, inTurn);
  }

  #of({ ref: { path } }: CompiledTask): Turns {
    const turns = this.#ofTasks.get(path) ?? new Turns();
    this.#ofTasks.set(path, turns);
    return turns;
  }
}

/** How many hosts do a task at a time, as this one says; 0: any number. Where that cannot be told the task fails by itself, in its turn. */
export function throttleOf(
  { play, surroundings, fleet }: PlannerInput,
  task: CompiledTask,
  { state: { compiled: host, registered } }: HostRun,
): number {
  if (task.throttle.length === 0) return 0;
  const place = { play, task, host, registered, surroundings, fleet };
  try {
    return wholeNumberOf('throttle', task.throttle, task.range, scopeOf(place));
  } catch (error) {
    if (error instanceof TemplateError || error instanceof UnknownValueError) return 1;
    throw error;
  }
}
