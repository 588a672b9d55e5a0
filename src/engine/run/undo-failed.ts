import { forEachLimited } from '../../core/limited.ts';
import { TOGETHER } from '../plan/unfinished-change.ts';
import { exceededTolerance } from '../walk/tolerance.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun, StopPoint } from './host-run.ts';
import { undoHost } from './undo.ts';

/**
 * Restores the hosts that have just failed or were refused, while the others wait, so that no host stays half changed.
 * @returns the first bug thrown meanwhile; undefined if there is none
 */
export async function undoFailed(execution: PlayExecution, hosts: readonly HostRun[]): Promise<unknown> {
  return undoAll(execution, hosts.filter(hasFailed), (host) => `'${host.stop?.at}' failed`);
}

function hasFailed({ stop }: HostRun): boolean {
  return stop?.why === 'failed' || stop?.why === 'refused';
}

function hasPassedOver(host: HostRun): boolean {
  return host.hasPassedOver;
}

/**
 * Takes the hosts out of the play before their next task, and restores those in the middle of a change. A host that has failed stays failed,
 * although its rescue or `always` would have come next.
 */
export async function interrupt(execution: PlayExecution, hosts: readonly HostRun[], at: StopPoint): Promise<void> {
  for (const host of hosts) {
    host.leaveFailed();
    host.leave('cancelled', at);
  }
  if (execution.tools.abort.aborted) return;
  const halfway = hosts.filter((host) => hasFailed(host) || host.isArmed);
  await rethrow(undoAll(execution, halfway, () => 'the run was interrupted'));
}

/**
 * Restores the hosts of a batch that are in the middle of a change at its end, because what would have completed the change was not run on
 * them: a failure on the way was rescued or ignored, the play ended there (`end_host`), or a condition or tag left the task out.
 * @returns whether these are more than may fail
 */
export async function restoreBetween(execution: PlayExecution, batch: readonly HostRun[]): Promise<boolean> {
  const { input, order, tools } = execution;
  const between = batch.filter(({ takesPart, isArmed }) => takesPart && isArmed);
  if (between.length === 0) return false;
  for (const host of between) host.leave('failed', 'the end of the play');
  const [passedOver, leftOut] = [between.filter(hasPassedOver), between.filter((host) => !hasPassedOver(host))];
  const warn = (hosts: readonly HostRun[], message: string, remedy: string): void => {
    if (hosts.length > 0) tools.emit({ type: 'warning', hosts: hosts.map(({ name }) => name), message, remedy });
  };
  warn(
    passedOver,
    'a failure was rescued or ignored, and the play has ended in the middle of a change: it is undone',
    'let the play fail there, or complete the change in the rescue',
  );
  warn(
    leftOut,
    'the play has ended in the middle of a change, because a task that would have completed it was not run: the change is undone',
    TOGETHER,
  );
  if (!tools.abort.aborted)
    await rethrow(undoAll(execution, between, () => 'the play has ended in the middle of a change'));
  return order.stopOnFailure || exceededTolerance(input.play, between.length, batch.length) !== undefined;
}

/** Takes the hosts out of the play because too many others failed, and undoes their changes. */
export async function cancel(execution: PlayExecution, hosts: readonly HostRun[], at: StopPoint): Promise<void> {
  for (const host of hosts) host.leave('cancelled', at);
  await rethrow(undoAll(execution, hosts, () => 'too many other hosts failed'));
}

/**
 * Undoes the changes of all these hosts that can be undone, side by side, even if it fails on some. `forks` does not apply:
 * masters that failed together have to come back together, because the first alone would wait in vain for etcd's quorum.
 * @returns the first bug thrown meanwhile
 */
async function undoAll(
  execution: PlayExecution,
  hosts: readonly HostRun[],
  reasonFor: (host: HostRun) => string,
): Promise<unknown> {
  const mistakes: unknown[] = [];
  const undoable = hosts.filter(({ changes }) => changes.canBeUndone);
  await forEachLimited(undoable, undoable.length, async (host) => {
    mistakes.push(await undoHost(host, execution, reasonFor(host)));
  });
  return mistakes.find((mistake) => mistake !== undefined);
}

async function rethrow(mistake: Promise<unknown>): Promise<void> {
  const found = await mistake;
  if (found !== undefined) throw found;
}
