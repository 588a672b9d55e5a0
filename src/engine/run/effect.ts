import type { CompiledTask } from '../program/compiled.ts';

/** How well the effect of a task on its host is known: completely, or, for a user's command, not at all. */
export type Effect = 'predicted' | 'opaque';

export function effectOf({ step }: CompiledTask): Effect {
  return step.runsCommand ? 'opaque' : 'predicted';
}
