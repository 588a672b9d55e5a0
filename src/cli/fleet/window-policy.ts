import type { Problems } from '../../core/diagnostic.ts';
import type { ClusterTiming } from '../../engine/clusters/cluster-timing.ts';
import type { ApplyRequest } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { WindowWait } from '../../fleet/finish-in-windows.ts';
import type { WindowPolicy } from '../../fleet/timing.ts';
import type { Environment } from '../environment.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { WindowOptions } from '../options/options.ts';

/**
 * What to do with clusters that may not be changed now. Errors in the options are added to `problems`.
 * @param asking the option by which the run asks before it changes anything
 */
export function windowPolicy(
  { window, reason }: WindowOptions,
  asking: '--confirm' | '--step' | undefined,
  problems: Problems,
): WindowPolicy {
  if (window === 'wait' && asking !== undefined)
    problems.error(
      `--window wait and ${asking} cannot be combined: nobody may be there to answer when a window opens`,
      ['--window', asking],
      'leave one of them out',
    );
  if (window !== 'override') {
    if (reason !== undefined)
      problems.error(
        '--reason says why windows are overridden',
        ['--reason'],
        'add --window override, or leave it out',
      );
    return { kind: window ?? 'refuse' };
  }
  if (reason === undefined || reason.trim() === '')
    problems.error('--window override needs a reason', ['--window'], 'add --reason TEXT: it is recorded');
  return { kind: 'override', reason: reason ?? '' };
}

/** With `wait`: finishes the clusters that the run has left when their windows open. */
export async function finishLeftClusters(
  result: RunResult,
  request: ApplyRequest,
  policy: WindowPolicy,
  windows: WindowWait,
): Promise<RunResult> {
  if (policy.kind !== 'wait' || result.left.length === 0) return result;
  return (await import('../../fleet/finish-in-windows.ts')).finishInWindows(result, request, windows);
}

/** The engine's check before it starts something on a cluster with a window. */
export async function clusterTiming(
  { schedules }: Inputs,
  { wallClock }: Environment,
  policy: WindowPolicy,
): Promise<{ readonly timing?: ClusterTiming }> {
  if (schedules.size === 0) return {};
  return { timing: (await import('../../fleet/timing.ts')).timingOf(schedules, wallClock, policy) };
}
