import type { CompiledTask } from '../program/compiled.ts';
import type { NotifiedNames, Verdict } from '../walk/request.ts';
import { alters, wouldChange } from './changes.ts';
import type { HostTaskPlan } from './host-task-plan.ts';

/** The names that a task's templates notify if it changes something: as in Ansible, those of all its entries. */
export function notifiedOf({ plan, calls }: HostTaskPlan): NotifiedNames {
  return plan.action === 'unknown' ? 'any' : calls.flatMap(({ notify }) => notify ?? []);
}

/** The predicted verdict of a task. */
export function verdictOf(task: CompiledTask, { plan, condition, unreachable }: HostTaskPlan): Verdict {
  if (unreachable !== undefined && task.ignoreUnreachable) return 'ok';
  if (unreachable !== undefined) return condition === undefined ? 'unreachable' : 'unknown';
  const isJudged = judgesItself(task);
  switch (plan.action) {
    case 'skip':
      return 'skipped';
    case 'none':
    case 'check':
      if (isJudged) return 'unknown';
      return !task.changesNothing && wouldChange(plan) ? 'changed' : 'ok';
    case 'change':
      if (isJudged) return 'unknown';
      return !task.changesNothing && plan.changes.some(alters) ? 'changed' : 'ok';
    case 'unknown':
      return 'unknown';
    case 'refuse':
      if (condition !== undefined) return 'unknown';
      return plan.isFailure ? 'failed' : 'refused';
  }
}

/** Whether its own conditions, which depend on the run, decide its outcome. */
function judgesItself({ failedWhen, until, changedWhen, changesNothing }: CompiledTask): boolean {
  return failedWhen !== undefined || until !== undefined || (changedWhen !== undefined && !changesNothing);
}
