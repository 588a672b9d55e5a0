import { type ReadContext, StepFailure } from '../../core/step.ts';
import { system } from '../../facts/host/system.ts';
import { clockFault } from '../gates/host-gate.ts';

/** Something may be missing for a moment with any clock: a starting process, a node about to become Ready. */
const PATIENCE_MS = 10_000;

/**
 * Checks the clock of a host while something cannot be proven. If the clock was set since the plan, new certificates may not be
 * valid there yet, and waiting does not help.
 * @returns a function to be called at each poll with what is missing. It throws a StepFailure if the clock is at fault
 */
export function clockWatch(context: Pick<ReadContext, 'observe' | 'now'>) {
  let since: number | undefined;
  return async (missing: string): Promise<void> => {
    const before = context.now();
    const observed = (await context.observe([system])).get(system);
    const fault = clockFault(observed, before, context.now());
    if (fault === undefined) {
      since = undefined;
      return;
    }
    since ??= before.getTime();
    if (before.getTime() - since < PATIENCE_MS) return;
    throw new StepFailure('host-clock', fault, {
      details: [['last seen', missing]],
      remedy:
        'set the clock (chronyc makestep, or timedatectl set-ntp true), then run again: new certificates are only valid with the right time',
    });
  };
}
