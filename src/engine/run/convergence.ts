import { type PlanContext, type Step, StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { changesOf, nameOf } from '../plan/changes.ts';
import type { PlannedCall } from '../plan/host-task-plan.ts';
import type { ExecutionTools } from './tools.ts';

/**
 * What a step would still have to do after its change, as a clause; undefined if nothing, or nothing but what it has warned about,
 * or what a later entry of the loop has changed again: `loop: [stopped, started]`.
 */
export function remainingWork(
  step: Step,
  calls: readonly PlannedCall[],
  world: World,
  observedAt: PlanContext['observedAt'],
): string | undefined {
  for (const [index, call] of calls.entries()) {
    if (call.plan.action !== 'change') continue;
    const replanned = step.plan(call.params, world, { ...call.context, observedAt });
    if (replanned.action === 'none' || replanned.action === 'check') continue;
    if (replanned.action !== 'change') return replanned.action;
    const later = new Set(calls.slice(index + 1).flatMap(({ plan }) => changesOf(plan).map(({ target }) => target)));
    const left = replanned.changes.filter((change) => !step.isBestEffort?.(change) && !later.has(change.target));
    if (left.length > 0) return left.map(nameOf).join(', ');
  }
  return undefined;
}

const PAUSE_MS = 1_000;

/** Polls until nothing is left to do. @throws {StepFailure} when something is still left after `withinMs` */
export async function awaitConvergence(
  withinMs = 0,
  { clock, wait, abort }: Pick<ExecutionTools, 'clock' | 'wait' | 'abort'>,
  findRemaining: () => Promise<string | undefined>,
): Promise<void> {
  const until = clock().getTime() + withinMs;
  for (;;) {
    const left = await findRemaining();
    if (left === undefined) return;
    if (clock().getTime() >= until)
      throw new StepFailure(
        'not-converged',
        `it did not converge: after the task there is still something to do (${left})`,
      );
    await wait(PAUSE_MS, abort);
  }
}
