import { orderOf } from '../plan/chosen-order.ts';
import { reasonsOf } from '../plan/refusals.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';

/** Observations older than this may be outdated: confirming took a while, or other clusters came first. */
const OLD_MS = 60_000;

/** Whether something known about these hosts is too old to start with. */
export function hasOldObservations(hosts: Iterable<HostRun>, now: Date): boolean {
  return [...hosts].some(({ state }) =>
    [...state.observedAt.values()].some((readAt) => now.getTime() - readAt.getTime() > OLD_MS),
  );
}

/** Refuses a play if its hosts, observed again, would now be processed in another order than its plan shows. */
export function checkOrder({ input: { play, now }, order, plans, hosts, tools }: PlayExecution): void {
  if (!play.strategy) return;
  const known = [...hosts].filter(([, { isLost }]) => !isLost);
  const states = new Map(known.map(([name, { state }]) => [name, state]));
  const current = orderOf(play, states, new Set(), now, reasonsOf(plans));
  if (!('action' in current) && current.name === order.name) return;
  const remaining = known.flatMap(([, host]) => (host.takesPart ? [host] : []));
  for (const host of remaining) host.leave('refused', 'the look before its batch');
  const names = remaining.map(({ name }) => name);
  if ('action' in current) {
    const { code, reason, remedy } = current;
    tools.emit({ type: 'warning', hosts: names, message: `not started: ${reason}`, remedy, code });
    return;
  }
  const message = `not started: the plan was made for the order ${order.name} (${order.reason}), and it would now be ${current.name} (${current.reason})`;
  const remedy = 'nothing was changed: run again, and review the new plan';
  tools.emit({ type: 'warning', hosts: names, message, remedy, code: 'order-changed' });
}
