import { Turns } from '../../core/turns.ts';
import { UnknownValueError } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import { placeOf } from '../plan/place-of.ts';
import type { PlannerInput } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { wholeNumberOf } from '../program/settings.ts';
import { scopeOf } from '../program/task-scope.ts';
import type { HostRun } from './host-run.ts';

/**
 * When tasks may start: at once if hosts go in step. Independent hosts run `forks` tasks at a time, and each task on no more
 * hosts than its `throttle` allows.
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

  run<T>(task: CompiledTask, hosts: readonly HostRun[], work: () => Promise<T>): Promise<T> {
    const [host] = hosts;
    if (!host || !this.#input.play.isFree) return work();
    const inTurn = () => this.#all.run(this.#forks, work);
    const throttle = throttleOf(this.#input, task, host);
    return throttle === 0 ? inTurn() : this.#of(task).run(throttle, inTurn);
  }

  #of({ ref: { path } }: CompiledTask): Turns {
    const turns = this.#ofTasks.get(path) ?? new Turns();
    this.#ofTasks.set(path, turns);
    return turns;
  }
}

/**
 * How many hosts run a task at a time, evaluated on this host; 0: any number. If it cannot be evaluated, the task itself fails
 * in its turn.
 */
export function throttleOf(input: PlannerInput, task: CompiledTask, { state }: HostRun): number {
  if (task.throttle.length === 0) return 0;
  try {
    return wholeNumberOf('throttle', task.throttle, task.range, scopeOf({ ...placeOf(input, state), task }));
  } catch (error) {
    if (error instanceof TemplateError || error instanceof UnknownValueError) return 1;
    throw error;
  }
}
