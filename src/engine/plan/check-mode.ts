import type { Change, NonePlan, SkipPlan, StepPlan } from '../../core/plan.ts';
import { nameOf } from './changes.ts';

/** How many changes are named; more are counted. */
const MAX_NAMED = 3;

/**
 * The plan of a call in check mode: its changes are reported, and the host stays as it is. As in Ansible, what can be neither
 * predicted nor done is skipped: a command, or a wait for something that was never started.
 * @param stepPlan the step's own plan, before a predictable failure was deferred to the run
 */
export function inCheckMode(plan: StepPlan, stepPlan: StepPlan): StepPlan | SkipPlan {
  if (stepPlan.action === 'check' || (stepPlan.action === 'none' && stepPlan.inCheckMode?.isSkipped))
    return {
      action: 'skip',
      reason: 'check mode: nothing is waited for',
      ...(stepPlan.inCheckMode && { result: stepPlan.inCheckMode.result }),
    };
  if (plan.action === 'none' && plan.inCheckMode) return { ...plan, result: plan.inCheckMode.result };
  if (plan.action !== 'change') return plan;
  const { changes, result, warnings, inCheckMode: own } = plan;
  if (own?.isSkipped) return { action: 'skip', reason: 'check mode: a command is not run', result: own.result };
  return { ...plannedOnly(changes), result: own?.result ?? result ?? {}, ...(warnings && { warnings }) };
}

/** Reports changes that would be made. */
export function plannedOnly(changes: readonly Change[]): NonePlan {
  const names = changes.length > MAX_NAMED ? `${changes.length} changes` : changes.map(nameOf).join(', ');
  return { action: 'none', reason: `check mode, not done: ${names}`, would: changes };
}
