import type { RefusePlan } from '../../core/plan.ts';
import type { Order } from '../../core/strategy.ts';
import { disrupts, worldsOf } from '../plan/ordered-plan.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';

/** Refuses a batch that the strategy's gate does not admit in the present state of its hosts. */
export function checkGate({ order, hosts, plans, tools }: PlayExecution, batch: readonly HostRun[]): void {
  if (!disrupts(namesOf(batch), plans)) return;
  const worlds = worldsOf([...hosts].map(([name, { state }]) => [name, state] as const));
  const refusal = order.gate && (lostAmong(order, batch, hosts) ?? order.gate(namesOf(batch), worlds));
  if (!refusal) return;
  for (const host of batch) host.leave('refused', 'the gate before its batch');
  const { code, reason, remedy } = refusal;
  tools.emit({ type: 'warning', hosts: namesOf(batch), message: `not started: ${reason}`, remedy, code });
}

/** The gate judges all hosts by their present state; the state of a lost host is outdated. */
function lostAmong(
  { batches }: Order,
  batch: readonly HostRun[],
  hosts: ReadonlyMap<string, HostRun>,
): Omit<RefusePlan, 'action'> | undefined {
  const own = new Set(namesOf(batch));
  const lost = batches.flat().filter((name) => !own.has(name) && hosts.get(name)?.isLost);
  if (lost.length === 0) return undefined;
  return {
    code: 'peer-lost',
    reason: `the state of ${lost.join(', ')} is unknown: the connection was lost`,
    remedy: 'make the host reachable, then run again',
  };
}

function namesOf(hosts: readonly HostRun[]): readonly string[] {
  return hosts.map(({ name }) => name);
}
