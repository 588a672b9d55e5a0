import type { PlanWarning, RefusePlan } from '../../core/plan.ts';

/** The warning of a task that lacks something which an earlier command may provide. @param failure what it fails with otherwise */
export function unlessProvided({ reason, remedy }: RefusePlan): PlanWarning {
  return { message: `${reason}: unless an earlier task changes that, this one fails`, remedy };
}
