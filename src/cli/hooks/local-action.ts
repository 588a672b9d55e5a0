import { dirname, resolve } from 'node:path';
import { parseDuration, withUnit } from '../../core/duration.ts';
import type { JsonObject } from '../../core/json.ts';
import { timerMs } from '../../core/timer.ts';
import type { CompiledLocalAction } from '../../engine/program/compiled.ts';
import type { Environment } from '../environment.ts';
import { checkAlerts } from './alerts.ts';
import { runCommand } from './command.ts';
import { LocalActionFailure } from './local-action-failure.ts';
import { request } from './request.ts';

/**
 * Performs one action on the machine that runs kplay, within its time limit; a command starts in the directory of the file in which it is
 * written.
 * @param params as the schema of its kind defines them, rendered
 * @throws {LocalActionFailure} of it, {Error} of the system
 */
export async function runLocalAction(
  { kind, range }: Pick<CompiledLocalAction, 'kind' | 'range'>,
  params: JsonObject,
  environment: Environment,
  abort: AbortSignal,
): Promise<void> {
  const timeout = withUnit(String(params['timeout']));
  const limit = AbortSignal.timeout(timerMs(parseDuration(timeout)));
  const signal = AbortSignal.any([abort, limit]);
  try {
    switch (kind) {
      case 'uri':
        await request(params, signal);
        break;
      case 'alerts':
        await checkAlerts(params, signal);
        break;
      default:
        await runCommand(params, environment, signal, dirname(resolve(range.file.path)));
    }
  } catch (error) {
    if (limit.aborted) throw new LocalActionFailure(`it did not end within ${timeout}`);
    if (abort.aborted) throw new LocalActionFailure('it was interrupted');
    throw error;
  }
}
