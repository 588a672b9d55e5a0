import { orderOf } from '../plan/chosen-order.ts';
import { reasonsOf } from '../plan/refusals.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';

/** What was seen longer ago than this may be so no more: somebody has taken time to confirm, or other clusters have come first. */
const OLD_MS = 60_000;

/** Something of what is known of these hosts is too old to begin by. */
export function isOutdated(hosts: Iterable<HostRun>, now: Date): boolean {
  return [...hosts].some(({ state }) =>
    [...state.seenAt.values()].some((asked) => now.getTime() - asked.getTime() > OLD_MS),
  );
}

/** Refuses a play whose hosts, looked at again, would be gone through in another order than its plan shows. */
export function askOrderAgain({ input: { play, now }, order, plans, hosts, tools }: PlayExecution): void {
  if (!play.strategy) return;
  const known = [...hosts].filter(([, { isLost }]) => !isLost);
  const states = new Map(known.map(([name, { state }]) => [name, state]));
  const again = orderOf(play, states, new Set(), now, reasonsOf(plans));
  if (!('action' in again) && again.name === order.name) return;
  const staying = known.flatMap(([, host]) => (host.stop === undefined ? [host] : []));
  for (const host of staying) host.leave('refused', 'the look before its batch');
  const names = staying.map(({ name }) => name);
  if ('action' in again) {
    const { code, reason, remedy } = again;
    tools.emit({ type: 'warning', hosts: names, message: `not started: ${reason}`, remedy, code });
    return;
  }
  const message = `not started: the plan was made for the order ${order.name} (${order.reason}), and it would now be ${again.name} (${again.reason})`;
  const remedy = 'nothing was changed: run again, and review the new plan';
  tools.emit({ type: 'warning', hosts: names, message, remedy, code: 'order-changed' });
}
