import type { CompiledTask } from '../program/compiled.ts';

/** How much is known of what a task does to its host: all of it, or, as of a command of the user's, nothing. */
export type Effect = 'foreseen' | 'opaque';

export function effectOf({ step }: CompiledTask): Effect {
  return step.converges === false ? 'opaque' : 'foreseen';
}
