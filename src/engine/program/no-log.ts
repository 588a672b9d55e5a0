import type { Diagnostic, Problems } from '../../core/diagnostic.ts';
import type { ShownTaskPlan } from '../../core/events/plan.ts';
import type { Change, PlanWarning, TaskPlan } from '../../core/plan.ts';
import type { TemplateError } from '../../template/errors.ts';
import type { CompiledTask } from './compiled.ts';

/** Replaces everything that a task with `no_log` would show. */
const HIDDEN = '(hidden by no_log)';
const SHOW = 'run without no_log to see why';

type Hiding = Pick<CompiledTask, 'noLog'>;

/** A text that may be shown and recorded. */
export function visibleText({ noLog }: Hiding, text: string): string {
  return noLog ? HIDDEN : text;
}

/**
 * Reports an error of a task: with `no_log` only that it has one, since a message, and the line that it is about, may quote a value.
 * @param what the kind of the error, as a clause, which is no secret
 */
export function reportError(
  problems: Problems | undefined,
  { noLog, step, range: place }: Pick<CompiledTask, 'noLog' | 'step' | 'range'>,
  { message, range, hint }: Diagnostic | TemplateError,
  what = 'its input is wrong',
): void {
  if (noLog) problems?.error(`${step.name}: ${what} ${HIDDEN}`, place, SHOW);
  else problems?.error(message, range, hint);
}

/** Changes that may be shown and recorded: with `no_log` only their number and kinds. */
export function visibleChanges({ noLog }: Hiding, changes: readonly Change[]): readonly Change[] {
  return noLog ? changes.map(hidden) : changes;
}

function hidden({ kind, disruptive, stage }: Change): Change {
  return { kind, target: HIDDEN, before: null, after: null, disruptive, ...(stage !== undefined && { stage }) };
}

/** Warnings that may be shown: with `no_log` only that there are some. */
export function visibleWarnings({ noLog }: Hiding, warnings: readonly PlanWarning[] = []): readonly PlanWarning[] {
  return noLog && warnings.length > 0 ? [{ message: HIDDEN }] : warnings;
}

/** A plan as it is shown, saved and compared. `skip` and `unknown` only contain text from the playbook. */
export function visiblePlan(task: Hiding, plan: TaskPlan): ShownTaskPlan {
  const show = (text: string): string => visibleText(task, text);
  switch (plan.action) {
    case 'none':
      return {
        action: 'none',
        reason: show(plan.reason),
        ...(plan.would && { would: visibleChanges(task, plan.would) }),
      };
    case 'change': {
      if (!task.noLog) return { action: 'change', changes: plan.changes };
      const [first, ...rest] = plan.changes;
      return { action: 'change', changes: [hidden(first), ...rest.map(hidden)] };
    }
    case 'check':
      return { action: 'check', expectation: show(plan.expectation) };
    case 'refuse':
      return {
        action: 'refuse',
        code: plan.code,
        ...(task.noLog
          ? { reason: HIDDEN, remedy: SHOW, details: [] }
          : { reason: plan.reason, remedy: plan.remedy, ...(plan.details && { details: plan.details }) }),
        ...(plan.isFailure && { isFailure: true }),
      };
    case 'skip':
      return { action: 'skip', reason: plan.reason };
    case 'unknown':
      return plan;
  }
}
