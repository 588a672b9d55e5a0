import type { CompiledTask } from '../program/compiled.ts';

/** How well the effect of a task on its host is known: completely, or, for a user's command, not at all. */
export type Effect = 'predicted' | 'opaque';

/** How well that of this task is known. */
export function effectOf({ step }: CompiledTask): Effect {
  return step.runsCommand ? 'opaque' : 'predicted';
}
