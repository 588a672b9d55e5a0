import { UnreachableError } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';
import { TemplateError } from '../../template/errors.ts';
import { entryName, type TaskCall } from '../program/task-input.ts';

/** What was thrown in a task, as a failure of its host. That the host itself is lost has been told apart before. */
export function asFailure(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  if (error instanceof TemplateError) return new StepFailure('wrong-input', error.message, [], error.hint);
  if (error instanceof UnreachableError)
    return new StepFailure(
      'peer-gone',
      `${error.host}, which this task needs, cannot be reached: ${error.message}`,
      [],
      error.remedy,
    );
  return new StepFailure('bug', `a bug of kplay: ${error instanceof Error ? error.message : String(error)}`);
}

/** Says which entry of a loop it was. */
export function inEntry(failure: StepFailure, call: TaskCall | undefined): StepFailure {
  const entry = call && entryName(call);
  if (entry === undefined) return failure;
  return new StepFailure(failure.code, failure.message, [['entry', entry], ...failure.details], failure.remedy);
}

/** Nothing that a host, or the user, has done. */
export function isMistake(error: unknown): boolean {
  return !(error instanceof StepFailure || error instanceof TemplateError || error instanceof UnreachableError);
}
