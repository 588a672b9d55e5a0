import { type PlanContext, type Step, StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { nameOf } from '../plan/changes.ts';
import type { PlannedCall } from '../plan/plan-task.ts';
import type { ExecutionTools } from './tools.ts';

/** What a step would still have to do after it has changed something, in words; undefined when nothing. */
export function leftToDo(
  step: Step,
  calls: readonly PlannedCall[],
  world: World,
  observedAt: PlanContext['observedAt'],
): string | undefined {
  for (const call of calls) {
    if (call.plan.action !== 'change') continue;
    const again = step.plan(call.params, world, { ...call.context, observedAt });
    if (again.action === 'none' || again.action === 'check') continue;
    return again.action === 'change' ? again.changes.map(nameOf).join(', ') : again.action;
  }
  return undefined;
}

const PAUSE_MS = 1_000;

/**
 * Looks until nothing is left to do.
 * @throws {StepFailure} when there still is after so many milliseconds, if at all.
 */
export async function awaitConvergence(
  withinMs = 0,
  { clock, wait, abort }: Pick<ExecutionTools, 'clock' | 'wait' | 'abort'>,
  look: () => Promise<string | undefined>,
): Promise<void> {
  const until = clock().getTime() + withinMs;
  for (;;) {
    const left = await look();
    if (left === undefined) return;
    if (clock().getTime() >= until)
      throw new StepFailure(
        'not-converged',
        `it did not converge: after the task there is still something to do (${left})`,
      );
    await wait(PAUSE_MS, abort);
  }
}
