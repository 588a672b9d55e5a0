import { forEachLimited } from '../../core/limited.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun, StopPoint } from './host-run.ts';
import { undoHost } from './undo.ts';

/**
 * Restores the hosts that have just failed or were refused, while the others wait, so that no host stays half changed.
 * @returns the first bug thrown meanwhile; undefined if there is none
 */
export async function undoFailed(execution: PlayExecution, hosts: readonly HostRun[]): Promise<unknown> {
  const failed = hosts.filter((host) => needsUndo(host) && host.undoOutcome === 'none');
  return undoAll(execution, failed, (host) => `'${host.stop?.at}' failed`);
}

function needsUndo({ stop, pendingUndo }: HostRun): boolean {
  return (stop?.why === 'failed' || stop?.why === 'refused') && pendingUndo.calls.length > 0;
}

/** Takes the hosts out of the play before their next task, and restores those in the middle of a change. */
export async function interrupt(execution: PlayExecution, hosts: readonly HostRun[], at: StopPoint): Promise<void> {
  for (const host of hosts) host.leave('cancelled', at);
  if (execution.tools.abort.aborted) return;
  const armed = hosts.filter(({ isArmed, pendingUndo }) => isArmed && pendingUndo.calls.length > 0);
  await rethrow(undoAll(execution, armed, () => 'the run was interrupted'));
}

/** Takes the hosts out of the play because too many others failed, and undoes their changes. */
export async function cancel(execution: PlayExecution, hosts: readonly HostRun[], at: StopPoint): Promise<void> {
  for (const host of hosts) host.leave('cancelled', at);
  const changed = hosts.filter(({ pendingUndo }) => pendingUndo.calls.length > 0);
  await rethrow(undoAll(execution, changed, () => 'too many other hosts failed'));
}

/**
 * Undoes the changes of all these hosts side by side, even if it fails on some. `forks` does not apply: masters that failed
 * together have to come back together, because the first alone would wait in vain for etcd's quorum.
 * @returns the first bug thrown meanwhile
 */
async function undoAll(
  { input, tools }: PlayExecution,
  hosts: readonly HostRun[],
  reasonFor: (host: HostRun) => string,
): Promise<unknown> {
  const mistakes: unknown[] = [];
  await forEachLimited(hosts, hosts.length, async (host) => {
    mistakes.push(await undoHost(host, input, tools, reasonFor(host)));
  });
  return mistakes.find((mistake) => mistake !== undefined);
}

async function rethrow(mistake: Promise<unknown>): Promise<void> {
  const found = await mistake;
  if (found !== undefined) throw found;
}
