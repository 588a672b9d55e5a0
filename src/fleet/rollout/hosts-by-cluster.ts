import type { CompiledPlay } from '../../engine/program/compiled.ts';

type Hosts = CompiledPlay['hosts'];

/** The hosts of a play, by the names of their clusters: each cluster asks for its own. */
export function hostsByCluster({ hosts }: Pick<CompiledPlay, 'hosts'>): ReadonlyMap<string, Hosts> {
  const found = new Map<string, Hosts[number][]>();
  for (const each of hosts) {
    const { cluster } = each.host;
    if (cluster === undefined) continue;
    const own = found.get(cluster) ?? [];
    own.push(each);
    found.set(cluster, own);
  }
  return found;
}
