import { endpointText } from '../../core/endpoint.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { authorityId, trustedByKubelet } from '../host/kubeconfig-trust.ts';
import type { KubeadmHost } from '../host/model.ts';
import { advertisedEndpoint, hostPart, kubeletEndpoint } from './endpoints.ts';
import { etcdPeersOf, ownEtcdPeer } from './etcd-peers.ts';
import { sharedEndpoint } from './shared-endpoint.ts';

/** Hosts that provably belong to one cluster. */
export interface ProvenCluster {
  /** In the order of the given hosts. */
  readonly names: readonly string[];
  readonly hasMaster: boolean;
  /** The addresses at which its hosts reach the API, as far as they distinguish clusters: `10.0.0.10:6443`. */
  readonly endpoints: readonly string[];
}

/** Something that only hosts of one cluster have in common. */
interface Mark {
  /** `ca`, `sa.pub`, `etcd member`. */
  readonly what: string;
  /** The value that is compared. */
  readonly value: string;
  /** For display: `SHA256 9f3a1c02…77e1`, `https://10.0.0.1:2380`. */
  readonly text: string;
}

type Hosts = ReadonlyMap<string, KubeadmHost>;

/**
 * Divides hosts into clusters: a common CA, service account key (its public half) or etcd member proves that two hosts belong
 * to one cluster. Addresses prove it only if unambiguous: two hosts with the same address are in separate networks. A worker
 * with no other evidence belongs to the masters whose endpoint it uses.
 */
export function provenClusters(hosts: Hosts): readonly ProvenCluster[] {
  const clones = hostsWithOneAddress(hosts);
  const byMark = new Map<string, string[]>();
  for (const [name, host] of hosts) {
    for (const { what, value } of marksOf(name, host, hosts, clones)) {
      const key = `${what} ${value}`;
      byMark.set(key, [...(byMark.get(key) ?? []), name]);
    }
  }
  const groups = merged([...[...hosts.keys()].map((name) => [name]), ...byMark.values()]);
  return withWorkers(groups.map((names) => described(names, hosts, clones)));
}

/** The evidence that hosts of two groups belong to one cluster: `the same ca, SHA256 9f3a1c02…77e1`. */
export function sharedMark(a: readonly string[], b: readonly string[], hosts: Hosts): string | undefined {
  const clones = hostsWithOneAddress(hosts);
  const marks = (names: readonly string[]): readonly Mark[] =>
    names.flatMap((name) => {
      const host = hosts.get(name);
      return host ? marksOf(name, host, hosts, clones) : [];
    });
  const others = marks(b);
  const found = marks(a).find(({ what, value }) =>
    others.some((other) => other.what === what && other.value === value),
  );
  return found && `the same ${markText(found)}`;
}

/** The identifying marks of a host, for display: `ca SHA256 9f3a1c02…77e1, sa.pub SHA256 …, API 10.0.0.10:6443`. */
export function identityText(host: KubeadmHost): string {
  const marks = [...certificateMarks(host), ...serviceAccountMarks(host)].map(markText);
  const endpoint = endpointOf(host);
  return (
    [...marks, ...(endpoint === undefined ? [] : [`API ${endpoint}`])].join(', ') ||
    'nothing that identifies its cluster'
  );
}

function markText({ what, text }: Mark): string {
  return `${what}, ${text}`;
}

function marksOf(name: string, host: KubeadmHost, hosts: Hosts, clones: ReadonlySet<string>): readonly Mark[] {
  const members = clones.has(name) ? [] : memberMarks(host, hosts);
  return [...certificateMarks(host), ...serviceAccountMarks(host), ...members];
}

/**
 * While a CA is replaced, a file contains both the old and the new one. The CA of an external etcd may serve several clusters.
 */
function certificateMarks(host: KubeadmHost): readonly Mark[] {
  const { authorities, etcd } = host;
  const files = authorities.flatMap(({ name, bundle }) =>
    name === 'etcd-ca' && etcd === 'external' ? [] : bundle.map((certificate) => authorityMark(name, certificate)),
  );
  const [trusted] = trustedByKubelet(host).map((certificate) => authorityMark('ca', certificate));
  const isKnown = files.some(({ what, value }) => what === 'ca' && value === trusted?.value);
  return trusted === undefined || isKnown ? files : [...files, trusted];
}

function authorityMark(what: string, certificate: Certificate): Mark {
  return { what, value: authorityId(certificate), text: digestText(certificate.fingerprint.toLowerCase()) };
}

function digestText(digest: string): string {
  return `SHA256 ${digest.slice(0, 8)}…${digest.slice(-4)}`;
}

function serviceAccountMarks({ serviceAccountFiles }: KubeadmHost): readonly Mark[] {
  const file = serviceAccountFiles.find(({ path }) => path.endsWith('.pub'));
  return file ? [{ what: 'sa.pub', value: file.sha256, text: digestText(file.sha256) }] : [];
}

/** Members of etcd named in its manifest; a URL is evidence only if exactly one of the hosts has its address. */
function memberMarks(host: KubeadmHost, hosts: Hosts): readonly Mark[] {
  const owners = (url: string): number => [...hosts.values()].filter((other) => ownEtcdPeer(other)?.url === url).length;
  return etcdPeersOf(host)
    .filter(({ url }) => owners(url) === 1)
    .map(({ url }) => ({ what: 'etcd member', value: url, text: url }));
}

/** Masters that have the same address as another: their networks overlap, and their addresses prove nothing. */
function hostsWithOneAddress(hosts: Hosts): ReadonlySet<string> {
  const byAddress = new Map<string, string[]>();
  for (const [name, host] of hosts) {
    for (const address of [ownEtcdPeer(host)?.url, advertisedEndpoint(host)?.address])
      if (address !== undefined) byAddress.set(address, [...(byAddress.get(address) ?? []), name]);
  }
  return new Set([...byAddress.values()].filter(({ length }) => length > 1).flat());
}

function described(names: readonly string[], hosts: Hosts, clones: ReadonlySet<string>): ProvenCluster {
  const own = names.flatMap((name) => hosts.get(name) ?? []);
  const hasClone = names.some((name) => clones.has(name));
  const endpoints = hasClone ? [] : own.flatMap((host) => endpointOf(host) ?? []);
  return { names, hasMaster: own.some(({ role }) => role === 'control-plane'), endpoints: [...new Set(endpoints)] };
}

/** The address at which the host reaches the API; a load balancer on the host itself (127.0.0.1) proves nothing. */
function endpointOf(host: KubeadmHost): string | undefined {
  const endpoint =
    host.role === 'control-plane' ? (sharedEndpoint(host) ?? kubeletEndpoint(host)) : kubeletEndpoint(host);
  if (!endpoint || /^(127\.|localhost$|::1$)/.test(hostPart(endpoint.address))) return undefined;
  return endpointText(endpoint);
}

/** Adds workers without any other evidence to the masters behind their endpoint, if only one cluster has it. */
function withWorkers(clusters: readonly ProvenCluster[]): readonly ProvenCluster[] {
  const homes = new Map<ProvenCluster, ProvenCluster>();
  for (const cluster of clusters) {
    if (cluster.hasMaster) continue;
    const found = clusters.filter((other) => other.hasMaster && shareEndpoint(cluster, other) !== undefined);
    if (found.length === 1 && found[0]) homes.set(cluster, found[0]);
  }
  return clusters.flatMap((cluster) => {
    if (homes.has(cluster)) return [];
    const joining = clusters.filter((other) => homes.get(other) === cluster);
    return [{ ...cluster, names: [...cluster.names, ...joining.flatMap(({ names }) => names)] }];
  });
}

/** An endpoint that two clusters have in common. */
export function shareEndpoint(a: ProvenCluster, b: ProvenCluster): string | undefined {
  return a.endpoints.find((endpoint) => b.endpoints.includes(endpoint));
}

/** Joins lists that have a name in common; each name appears once, in order of first occurrence. */
function merged(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const groupOf = new Map<string, Set<string>>();
  for (const list of lists) {
    const groups = new Set(list.flatMap((name) => groupOf.get(name) ?? []));
    const [first = new Set<string>(), ...rest] = groups;
    for (const name of [...rest.flatMap((group) => [...group]), ...list]) first.add(name);
    for (const name of first) groupOf.set(name, first);
  }
  const order = [...groupOf.keys()];
  return [...new Set(groupOf.values())].map((group) => order.filter((name) => group.has(name)));
}
