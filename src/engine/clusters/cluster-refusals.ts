import type { RefusePlan } from '../../core/plan.ts';
import {
  identityText,
  type ProvenCluster,
  sharedMarks,
  shareEndpoint,
} from '../../kubeadm/cluster/cluster-identity.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';

type Files = ReadonlyMap<string, KubeadmHost>;

/** The inventory declares one cluster, but its hosts have nothing in common, not even an API endpoint. */
export function unrelatedRefusal(name: string, proven: readonly ProvenCluster[], files: Files): RefusePlan | undefined {
  const [first] = proven;
  if (!first) return undefined;
  const connected = connectedTo(first, proven);
  const unrelated = proven.filter((cluster) => !connected.has(cluster));
  if (unrelated.length === 0) return undefined;
  return {
    action: 'refuse',
    code: 'clusters-apart',
    reason: `the inventory has these hosts in one cluster, ${name}, and ${unrelated.flatMap(({ names }) => names).join(', ')} and ${first.names.join(', ')} hold nothing in common`,
    details: proven.map(({ names }) => sideOf(names, files)),
    remedy:
      'put the hosts of another cluster into a group of their own, with its own kplay_cluster; do not copy a CA between them',
  };
}

/** The clusters connected to one by shared endpoints, directly or through others. */
function connectedTo(first: ProvenCluster, all: readonly ProvenCluster[]): ReadonlySet<ProvenCluster> {
  const reached = new Set([first]);
  for (const one of reached) for (const other of all) if (shareEndpoint(one, other) !== undefined) reached.add(other);
  return reached;
}

/** The inventory declares several clusters, but their files prove that they are one. */
export function sameClusterRefusal(
  parts: readonly { readonly name: string; readonly hosts: readonly string[] }[],
  files: Files,
): RefusePlan {
  const nameOf = (index: number): string => parts[index]?.name ?? '';
  const found = sharedMarks(
    parts.map(({ hosts }) => hosts),
    files,
  );
  const shared = found.map(([before, part, mark]) => [`${nameOf(before)} and ${nameOf(part)}`, mark] as const);
  const sides = parts.map(({ name, hosts }) => [name, hosts.join(', ')] as const);
  return {
    action: 'refuse',
    code: 'clusters-one',
    reason: `the inventory has ${parts.map(({ name }) => name).join(' and ')} as clusters of their own, and by what their hosts hold they are one`,
    details: [...sides, ...shared],
    remedy:
      'correct kplay_cluster in the inventory; if several clusters really share a CA, work on one at a time, with --limit',
  };
}

/** Two clusters that the inventory does not declare as separate use one endpoint: a master may have the wrong files. */
export function endpointRefusal(
  proven: readonly ProvenCluster[],
  all: readonly { readonly proven: readonly ProvenCluster[] }[],
  files: Files,
): RefusePlan | undefined {
  const others = all.flatMap((bundle) => bundle.proven).filter((other) => !proven.includes(other) && other.hasMaster);
  for (const own of proven.filter(({ hasMaster }) => hasMaster)) {
    for (const other of others) {
      const endpoint = shareEndpoint(own, other);
      if (endpoint === undefined) continue;
      return {
        action: 'refuse',
        code: 'clusters-endpoint',
        reason: `${own.names.join(', ')} and ${other.names.join(', ')} use one API endpoint, ${endpoint}, and have no CA, etcd member or service account key in common`,
        details: [own, other].map(({ names }) => sideOf(names, files)),
        remedy:
          'if these are two clusters, give each a group with kplay_cluster; if they are one, find out which hosts have the wrong files, and copy nothing before you know',
      };
    }
  }
  return undefined;
}

function sideOf(names: readonly string[], files: Files): readonly [string, string] {
  const host = names.flatMap((name) => files.get(name) ?? [])[0];
  return [names.join(', '), host ? identityText(host) : 'not looked at'];
}
