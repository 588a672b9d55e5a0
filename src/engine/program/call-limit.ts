import { TemplateError } from '../../template/errors.ts';
import { rangeOfValue } from '../../template/template.ts';
import type { CompiledTask } from './compiled.ts';
import type { HostScope } from './scope.ts';
import { wholeNumberOf } from './settings.ts';

/** After how many seconds a call of a task is ended, and what says so. */
export interface CallLimit {
  readonly seconds: number;
  readonly by: 'timeout' | 'async';
}

/** Why nothing runs unwatched. */
export const NO_BACKGROUND =
  'a background process would change the host unwatched, and could not be undone: start it with systemd-run';

/**
 * What `timeout` and `async` say, the shorter of the two.
 * @throws {TemplateError} when a template yields no number, or `poll: 0` for a task with `async`.
 */
export function limitsOf(
  { timeout, async, poll, range }: CompiledTask,
  scope: HostScope,
): { readonly limit?: CallLimit; readonly async: number } {
  const ofTimeout = wholeNumberOf('timeout', timeout, range, scope);
  const ofAsync = wholeNumberOf('async', async, range, scope);
  const [said] = poll;
  if (ofAsync > 0 && said && wholeNumberOf('poll', poll, range, scope) === 0)
    throw new TemplateError('poll must be more than 0', rangeOfValue(said) ?? range, NO_BACKGROUND);
  const isAsync = ofAsync > 0 && (ofTimeout === 0 || ofAsync < ofTimeout);
  const seconds = isAsync ? ofAsync : ofTimeout;
  return { async: ofAsync, ...(seconds > 0 && { limit: { seconds, by: isAsync ? 'async' : 'timeout' } }) };
}
