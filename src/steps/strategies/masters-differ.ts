import type { RefusePlan } from '../../core/plan.ts';
import { digestText } from '../../kubeadm/cluster/cluster-identity.ts';
import { etcdPeersOf } from '../../kubeadm/cluster/etcd-peers.ts';
import type { Master } from '../../kubeadm/cluster/master-health.ts';
import { authorityId } from '../../kubeadm/host/kubeconfig-trust.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { AUTHORITIES } from '../../kubeadm/table.ts';

/** Something that is equal on all masters of a cluster. */
interface Shared {
  /** For people: `the etcd-ca`. */
  readonly what: string;
  readonly files: string;
  find(host: KubeadmHost): Found | undefined;
}

interface Found {
  readonly value: string;
  /** SHA-256 of the file. */
  readonly digest: string;
}

const SHARED: readonly Shared[] = [
  // New leaves from a CA that the others do not know would isolate a master.
  ...AUTHORITIES.map(({ name, base }) => ({
    what: `the ${name}`,
    files: `${base}.crt and ${base}.key`,
    find({ authorities }: KubeadmHost) {
      const ca = authorities.find((authority) => authority.name === name)?.certificate;
      return ca && { value: authorityId(ca), digest: ca.fingerprint };
    },
  })),
  // Tokens signed by one master would be rejected by the others.
  {
    what: 'the service account key',
    files: 'sa.key and sa.pub',
    find({ serviceAccountFiles }) {
      const digest = serviceAccountFiles.find(({ path }) => path.endsWith('.key'))?.sha256;
      return digest === undefined ? undefined : { value: digest, digest };
    },
  },
];

interface Group {
  readonly masters: readonly Master[];
  /** SHA-256 of the first one's file. */
  readonly digest: string;
}

/** Refuses masters that differ in something that all masters of a cluster share. */
export function differenceRefusal(masters: readonly Master[]): RefusePlan | undefined {
  for (const shared of SHARED) {
    const groups = groupBy(masters, shared);
    if (groups.length > 1) return differing(shared, groups);
  }
  return undefined;
}

/** Masters with equal values, the largest group first; masters without a value are left out. */
function groupBy(masters: readonly Master[], { find }: Shared): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const master of masters) {
    const found = find(master.host);
    if (!found) continue;
    const known = groups.get(found.value) ?? { masters: [], digest: found.digest };
    groups.set(found.value, { ...known, masters: [...known.masters, master] });
  }
  return [...groups.values()].sort((a, b) => b.masters.length - a.masters.length);
}

function differing(shared: Shared, groups: readonly Group[]): RefusePlan {
  const sound = groups[0]?.masters ?? [];
  const odd = groups.slice(1).flatMap(({ masters }) => masters);
  const isTie = groups[1]?.masters.length === sound.length;
  const isOneCluster = odd.every(({ host }) => sound.some((other) => haveMoreInCommon(host, other.host, shared)));
  return {
    action: 'refuse',
    code: 'masters-differ',
    reason: `${shared.what} of ${names(odd)} differs from that of ${names(sound)}`,
    remedy: remedyFor(shared.files, { sound, odd, isTie, isOneCluster }),
    details: groups.map(({ masters, digest }) => [names(masters), digestText(digest)]),
  };
}

interface Difference {
  readonly sound: readonly Master[];
  readonly odd: readonly Master[];
  readonly isTie: boolean;
  readonly isOneCluster: boolean;
}

/** Never suggests copying files from a host that may belong to another cluster: that would destroy a healthy cluster. */
function remedyFor(files: string, { sound, odd, isTie, isOneCluster }: Difference): string {
  if (!isOneCluster)
    return `they share nothing else that only masters of one cluster do: if they are of several, give each its kplay_cluster in the inventory; if not, restore ${files} on ${names(odd)} from a backup of that host`;
  return isTie
    ? `find out which of them the rest of the cluster trusts, restore ${files} on the others from their backups or from there, then run again`
    : `restore ${files} on ${names(odd)} from a backup or from ${names(sound, ' or ')}, then run again`;
}

/** Whether two masters share something else, or one is a member of the other's etcd. */
function haveMoreInCommon(one: KubeadmHost, other: KubeadmHost, besides: Shared): boolean {
  const isAlike = SHARED.some((shared) => {
    // An external etcd may serve several clusters.
    if (shared === besides || (shared.what === 'the etcd-ca' && one.etcd === 'external')) return false;
    const found = shared.find(one);
    return found !== undefined && found.value === shared.find(other)?.value;
  });
  const urls = etcdPeersOf(other).map(({ url }) => url);
  return isAlike || etcdPeersOf(one).some(({ url }) => urls.includes(url));
}

function names(masters: readonly Master[], separator = ', '): string {
  return masters.map(({ name }) => name).join(separator);
}
