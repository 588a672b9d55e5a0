import type { Change, NonePlan, SkipPlan, StepPlan } from '../../core/plan.ts';
import { nameOf } from './changes.ts';

/** What is named of what would be done. */
const MAX_NAMED = 3;

/**
 * What becomes of a call in check mode: what it would change is told, and the host stays as it is. What is neither foreseen nor done
 * is skipped, as Ansible does it: a command, and a wait for what nobody has begun.
 * @param asked what the step itself has planned: a failure that is known beforehand may have been left to the run since
 */
export function inCheckMode(plan: StepPlan, asked: StepPlan): StepPlan | SkipPlan {
  if (asked.action === 'check') return { action: 'skip', reason: 'check mode: nothing is waited for' };
  if (plan.action !== 'change') return plan;
  const { changes, result, warnings, inCheckMode: own } = plan;
  if (own?.isSkipped) return { action: 'skip', reason: 'check mode: a command is not run', result: own.result };
  return { ...notDone(changes), result: own?.result ?? result ?? {}, ...(warnings && { warnings }) };
}

/** The plan of what would be done. */
export function notDone(changes: readonly Change[]): NonePlan {
  const names = changes.length > MAX_NAMED ? `${changes.length} changes` : changes.map(nameOf).join(', ');
  return { action: 'none', reason: `check mode, not done: ${names}`, would: changes };
}
