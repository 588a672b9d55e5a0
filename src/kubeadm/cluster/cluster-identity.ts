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
  const addresses = addressesOf(hosts);
  const marked = [...hosts].flatMap(([name, host]) =>
    marksOf(name, host, addresses).map((mark) => [keyOf(mark), name] as const),
  );
  const groups = merged([...[...hosts.keys()].map((name) => [name]), ...namesBy(marked).values()]);
  return withWorkers(groups.map((names) => described(names, hosts, addresses)));
}

/**
 * The evidence that groups of hosts belong to one cluster: for each group the first one before it that has a mark in common, and
 * which: `the same ca, SHA256 9f3a1c02…77e1`.
 * @returns the indices of both groups, and the mark
 */
export function sharedMarks(
  groups: readonly (readonly string[])[],
  hosts: Hosts,
): readonly (readonly [before: number, group: number, mark: string])[] {
  const addresses = addressesOf(hosts);
  const first = new Map<string, number>();
  return groups.flatMap((names, group) => {
    const marks = names.flatMap((name) => {
      const host = hosts.get(name);
      return host ? marksOf(name, host, addresses) : [];
    });
    const [shared] = marks
      .flatMap((mark) => {
        const before = first.get(keyOf(mark));
        return before === undefined ? [] : [[before, group, `the same ${markText(mark)}`] as const];
      })
      .toSorted(([a], [b]) => a - b);
    for (const key of marks.map(keyOf)) if (!first.has(key)) first.set(key, group);
    return shared ? [shared] : [];
  });
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

/** Equal for marks that prove that their hosts belong together. */
function keyOf({ what, value }: Mark): string {
  return `${what} ${value}`;
}

function marksOf(name: string, host: KubeadmHost, { clones, owners }: Addresses): readonly Mark[] {
  const members = clones.has(name) ? [] : memberMarks(host, owners);
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

/** `SHA256 9f3a1c02…77e1`: enough for people to tell two apart. @param digest in hexadecimal */
export function digestText(digest: string): string {
  return `SHA256 ${digest.slice(0, 8)}…${digest.slice(-4)}`;
}

function serviceAccountMarks({ serviceAccountFiles }: KubeadmHost): readonly Mark[] {
  const file = serviceAccountFiles.find(({ path }) => path.endsWith('.pub'));
  return file ? [{ what: 'sa.pub', value: file.sha256, text: digestText(file.sha256) }] : [];
}

/** Members of etcd named in its manifest; a URL is evidence only if exactly one of the hosts has its address. */
function memberMarks(host: KubeadmHost, owners: Addresses['owners']): readonly Mark[] {
  return etcdPeersOf(host)
    .filter(({ url }) => owners.get(url)?.length === 1)
    .map(({ url }) => ({ what: 'etcd member', value: url, text: url }));
}

/** The addresses of all hosts, read once: each host is compared with all others. */
interface Addresses {
  /** By the URL of a member of etcd, the hosts that have it. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
  /** Masters that have the same address as another: their networks overlap, and their addresses prove nothing. */
  readonly clones: ReadonlySet<string>;
}

function addressesOf(hosts: Hosts): Addresses {
  const owners = namesBy([...hosts].map(([name, host]) => [ownEtcdPeer(host)?.url, name]));
  const servers = namesBy([...hosts].map(([name, host]) => [advertisedEndpoint(host)?.address, name]));
  const several = [...owners.values(), ...servers.values()].filter(({ length }) => length > 1);
  return { owners, clones: new Set(several.flat()) };
}

/** Names by what they have in common; those that have nothing of it are left out. */
function namesBy<Key>(
  pairs: readonly (readonly [key: Key | undefined, name: string])[],
): ReadonlyMap<Key, readonly string[]> {
  const found = new Map<Key, string[]>();
  for (const [key, name] of pairs) {
    if (key === undefined) continue;
    const names = found.get(key) ?? [];
    names.push(name);
    found.set(key, names);
  }
  return found;
}

function described(names: readonly string[], hosts: Hosts, { clones }: Addresses): ProvenCluster {
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
  const masters = clusters.filter(({ hasMaster }) => hasMaster);
  const joined = new Set<ProvenCluster>();
  const namesOf = new Map<ProvenCluster, readonly string[]>();
  for (const cluster of clusters) {
    if (cluster.hasMaster) continue;
    const [home, ...others] = masters.filter((other) => shareEndpoint(cluster, other) !== undefined);
    if (!home || others.length > 0) continue;
    joined.add(cluster);
    namesOf.set(home, [...(namesOf.get(home) ?? home.names), ...cluster.names]);
  }
  return clusters.flatMap((cluster) =>
    joined.has(cluster) ? [] : [{ ...cluster, names: namesOf.get(cluster) ?? cluster.names }],
  );
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
  return [...namesBy([...groupOf].map(([name, group]) => [group, name])).values()];
}
