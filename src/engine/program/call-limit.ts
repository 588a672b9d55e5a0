import { TemplateError } from '../../template/errors.ts';
import { rangeOfValue } from '../../template/template.ts';
import type { CompiledTask } from './compiled.ts';
import type { HostScope } from './scope.ts';
import { wholeNumberOf } from './settings.ts';

/** The time limit of a call, and the keyword that sets it. */
export interface CallLimit {
  readonly seconds: number;
  readonly by: 'timeout' | 'async';
}

/** Why background processes are not supported. */
export const NO_BACKGROUND =
  'a background process would change the host unwatched, and could not be undone: start it with systemd-run';

/**
 * The shorter of `timeout` and `async`.
 * @throws {TemplateError} when a template yields no number, or on `poll: 0` for a task with `async`
 */
export function limitsOf(
  { timeout, async, poll, range }: CompiledTask,
  scope: HostScope,
): { readonly limit?: CallLimit; readonly async: number } {
  const ofTimeout = wholeNumberOf('timeout', timeout, range, scope);
  const ofAsync = wholeNumberOf('async', async, range, scope);
  const [pollValue] = poll;
  if (ofAsync > 0 && pollValue && wholeNumberOf('poll', poll, range, scope) === 0)
    throw new TemplateError('poll must be more than 0', rangeOfValue(pollValue) ?? range, NO_BACKGROUND);
  const isAsync = ofAsync > 0 && (ofTimeout === 0 || ofAsync < ofTimeout);
  const seconds = isAsync ? ofAsync : ofTimeout;
  return { async: ofAsync, ...(seconds > 0 && { limit: { seconds, by: isAsync ? 'async' : 'timeout' } }) };
}
