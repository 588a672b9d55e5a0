import { type ReadContext, StepFailure } from '../../core/step.ts';
import { system } from '../../facts/host/system.ts';
import { clockFault } from '../gates/host-gate.ts';

/** Something may be missing for a moment whatever the clock says: a process that starts, a node that is about to be Ready. */
const PATIENCE_MS = 10_000;

/**
 * Looks at the clock of a host of which something cannot be proven. Where somebody has set it since the plan, new certificates may
 * not be valid there yet: that is the reason then, and does not pass while it is waited for.
 * @returns a function to be told at each look what is missing. It throws a StepFailure when the clock is at fault.
 */
export function clockWatch(context: Pick<ReadContext, 'observe' | 'now'>) {
  let since: number | undefined;
  return async (missing: string): Promise<void> => {
    const before = context.now();
    const seen = (await context.observe([system])).get(system);
    const fault = clockFault(seen, before, context.now());
    if (fault === undefined) {
      since = undefined;
      return;
    }
    since ??= before.getTime();
    if (before.getTime() - since < PATIENCE_MS) return;
    throw new StepFailure(
      'host-clock',
      fault,
      [['last seen', missing]],
      'set the clock (chronyc makestep, or timedatectl set-ntp true), then run again: new certificates are only valid with the right time',
    );
  };
}
