import { UnreachableError } from '../../core/session.ts';
import { readLock } from '../hosts/held-lock.ts';
import { adoptLock } from '../hosts/host-lock.ts';
import type { AdmissionRefusal } from './admission.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';
import { lockOne } from './run-locks.ts';

/**
 * Reconnects a host that went on without a connection (`ignore_unreachable`). If the play has locked its hosts, it is locked
 * again.
 * @throws {UnreachableError} when it is still unreachable, or its previous shell is still running the script that was cut off
 * @returns why it may not be worked on; undefined if it may
 */
export async function reconnect(host: HostRun, execution: PlayExecution): Promise<AdmissionRefusal | undefined> {
  const { hosts, tools, stop, reopen } = execution;
  const sessions = await reopen(host.state.compiled.host);
  const isLocking = host.lock === 'lost' || [...hosts.values()].some(({ lock }) => lock === 'held');
  if (isLocking) {
    const held = await readLock(sessions.strongest);
    if (held?.holder === tools.holder && held.shells.some(({ isBusy }) => isBusy))
      throw new UnreachableError(host.name, 'lost', 'what was started on it before it was lost has not ended yet');
  }
  host.reconnected(sessions);
  if (!isLocking) return undefined;
  for (;;) {
    const refusal = await lockOne(host, { ...tools, stop });
    if (refusal || (await adoptLock(sessions.strongest, tools.holder))) return refusal;
  }
}
