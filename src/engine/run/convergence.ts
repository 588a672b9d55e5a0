import { type PlanContext, type Step, StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { changesOf, nameOf } from '../plan/changes.ts';
import type { PlannedCall } from '../plan/host-task-plan.ts';
import type { ExecutionTools } from './tools.ts';

/** What is planned again after a change. */
type Replanned = Pick<PlannedCall, 'params' | 'plan' | 'context'>;

/** What a step would still have to do after its change, as a clause; undefined if nothing (`remainingChanges`). */
export function remainingWork(...again: Parameters<typeof remainingChanges>): string | undefined {
  const left = remainingChanges(...again);
  return left.length > 0 ? left.join(', ') : undefined;
}

/**
 * The changes that a step would still have to make after its change, but not what it has warned about, or what a later entry of the loop
 * has changed again: `loop: [stopped, started]`.
 */
export function remainingChanges(
  step: Step,
  calls: readonly Replanned[],
  world: World,
  observedAt: PlanContext['observedAt'],
): readonly string[] {
  for (const [index, call] of calls.entries()) {
    if (call.plan.action !== 'change') continue;
    const replanned = step.plan(call.params, world, { ...call.context, observedAt });
    if (replanned.action === 'none' || replanned.action === 'check') continue;
    if (replanned.action !== 'change') return [replanned.action];
    const later = new Set(calls.slice(index + 1).flatMap(({ plan }) => changesOf(plan).map(({ target }) => target)));
    const left = replanned.changes.filter((change) => !step.isBestEffort?.(change) && !later.has(change.target));
    if (left.length > 0) return left.map(nameOf);
  }
  return [];
}

const PAUSE_MS = 1_000;

/**
 * Polls until nothing is left to do.
 * @param what what was carried out
 * @throws {StepFailure} when something is still left after `withinMs`
 */
export async function awaitConvergence(
  withinMs = 0,
  { clock, wait, abort }: Pick<ExecutionTools, 'clock' | 'wait' | 'abort'>,
  findRemaining: () => Promise<string | undefined>,
  what = 'the task',
): Promise<void> {
  const until = clock().getTime() + withinMs;
  for (;;) {
    const left = await findRemaining();
    if (left === undefined) return;
    if (clock().getTime() >= until)
      throw new StepFailure(
        'not-converged',
        `it did not converge: after ${what} there is still something to do (${left})`,
      );
    await wait(PAUSE_MS, abort);
  }
}
