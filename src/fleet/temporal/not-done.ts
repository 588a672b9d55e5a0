import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { PlayRefusedEvent } from '../../core/events/play.ts';
import type { OrderedCluster } from './orders.ts';

/** A cluster that no worker picks up within this time is given up. */
export const PICKUP_TIMEOUT = '10 minutes';

/** Why no worker has done what was requested. */
export function whyNotDone(
  error: unknown,
  { site }: Pick<OrderedCluster, 'site'>,
): Pick<PlayRefusedEvent, 'code' | 'reason' | 'remedy'> {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure)
    return cause.timeoutType === 'SCHEDULE_TO_START'
      ? {
          code: 'no-worker',
          reason: `no worker${site === undefined ? '' : ` of site ${site}`} has taken it within ${PICKUP_TIMEOUT}`,
          remedy: `start a worker that reaches it: kplay worker PLAYBOOK -i INVENTORY${site === undefined ? '' : ` --site ${site}`} --engine …`,
        }
      : {
          code: 'worker-failed',
          reason: `its workers were lost repeatedly: ${cause.message}`,
          remedy: 'look at the logs of the workers',
        };
  return {
    code: 'worker-failed',
    reason: cause?.message ?? error.message,
    remedy: 'look at the log of the worker, then run it again',
  };
}
