import type { ClusterContact } from '../../core/events/run.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { Inventory } from '../../inventory/inventory.ts';

/** The contacts of clusters that need attention: something on them failed, or a certificate ends too early. */
export function contactsOf(result: RunResult, { clusters }: Inventory): readonly ClusterContact[] {
  const { failed, refused, unreachable, late, hosts } = result;
  const bad = new Set([...failed, ...refused, ...unreachable, ...late.map(({ host }) => host)]);
  for (const { host, stopped } of hosts) if (stopped) bad.add(host);
  return [...clusters.values()].flatMap(({ name, hosts: own, contact }) =>
    contact && own.some((host) => bad.has(host)) ? [{ cluster: name, contact: contact.value }] : [],
  );
}
