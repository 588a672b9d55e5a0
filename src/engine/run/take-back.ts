import { forEachLimited } from '../hosts/limited.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun, Whereabouts } from './host-run.ts';
import { undoHost } from './undo.ts';

/** Hosts that have just failed are put back, while the others wait: no host is left half changed. @returns a bug that showed. */
export async function takeBack(execution: PlayExecution, hosts: readonly HostRun[]): Promise<unknown> {
  const failed = hosts.filter((host) => isToBeUndone(host) && host.rollback === 'none');
  return undoAll(execution, failed, (host) => `'${host.stop?.at}' failed`);
}

function isToBeUndone({ stop, pendingUndo }: HostRun): boolean {
  return (stop?.why === 'failed' || stop?.why === 'refused') && pendingUndo.calls.length > 0;
}

/** What comes next is not begun; a host on which something is half done is put back, for it is not to stay so. */
export async function interrupt(execution: PlayExecution, hosts: readonly HostRun[], at: Whereabouts): Promise<void> {
  for (const host of hosts) host.leave('cancelled', at);
  if (execution.tools.abort.aborted) return;
  const half = hosts.filter(({ isHalfMade, pendingUndo }) => isHalfMade && pendingUndo.calls.length > 0);
  await throwing(undoAll(execution, half, () => 'the run was interrupted'));
}

/** Others have failed whom the play cannot do without: what was changed on these is taken back. */
export async function cancel(execution: PlayExecution, hosts: readonly HostRun[], at: Whereabouts): Promise<void> {
  for (const host of hosts) host.leave('cancelled', at);
  const changed = hosts.filter(({ pendingUndo }) => pendingUndo.calls.length > 0);
  await throwing(undoAll(execution, changed, () => 'too many other hosts failed'));
}

/**
 * Puts all of them back at once, whatever comes of one, and however few may be changed at a time: masters that have failed together
 * come back together, and the first would else wait in vain for a quorum of those whose turn comes after it.
 * @returns the first bug that showed.
 */
async function undoAll(
  { input, tools }: PlayExecution,
  hosts: readonly HostRun[],
  because: (host: HostRun) => string,
): Promise<unknown> {
  const mistakes: unknown[] = [];
  await forEachLimited(hosts, hosts.length, async (host) => {
    mistakes.push(await undoHost(host, input, tools, because(host)));
  });
  return mistakes.find((mistake) => mistake !== undefined);
}

async function throwing(mistake: Promise<unknown>): Promise<void> {
  const found = await mistake;
  if (found !== undefined) throw found;
}
