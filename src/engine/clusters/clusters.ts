import type { ClusterRef } from '../../core/cluster.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type ProvenCluster, provenClusters } from '../../kubeadm/cluster/cluster-identity.ts';
import { endpointOfPeer, etcdPeersOf } from '../../kubeadm/cluster/etcd-peers.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledHost, CompiledPlay } from '../program/compiled.ts';
import { endpointRefusal, sameClusterRefusal, unrelatedRefusal } from './cluster-refusals.ts';

/** The part of a play for one cluster; planning and execution only see such parts. */
export interface ClusterPlay {
  readonly play: CompiledPlay;
  /** Absent if all hosts of the run belong to one cluster. */
  readonly cluster?: ClusterRef;
  /** The states of the hosts that could be observed. */
  readonly states: ReadonlyMap<string, HostState>;
  /** Why it is refused: the inventory contradicts the files of the hosts. */
  readonly refusal?: RefusePlan;
}

/** Hosts that belong together. */
interface Bundle {
  readonly declared: ReadonlySet<string>;
  readonly proven: readonly ProvenCluster[];
  /** In the order of the play. */
  readonly hosts: readonly string[];
}

interface Known {
  readonly members: readonly CompiledHost[];
  /** Those of them that could not be read. */
  readonly lost: readonly CompiledHost[];
  readonly files: ReadonlyMap<string, KubeadmHost>;
}

/**
 * Splits a play by cluster, in the order of their first hosts. Hosts belong to one cluster if the inventory declares it or
 * their files prove it. Hosts without a cluster form one part together.
 * @param isPart the run has further clusters
 */
export function clusterPlays(
  play: CompiledPlay,
  states: ReadonlyMap<string, HostState>,
  isPart = false,
): readonly ClusterPlay[] {
  const lost = play.hosts.filter(
    ({ host }) => states.get(host.name)?.unreachable !== undefined || !states.has(host.name),
  );
  const known = { members: play.hosts, lost, files: filesOf(states) };
  const bundles = bundlesOf(known);
  const unread = unreadHosts(bundles, known);
  const parts = bundles.flatMap((bundle) => partsOf(bundle, bundles, unread, known));
  if (parts.length < (isPart ? 1 : 2)) {
    const refusal = parts[0]?.refusal;
    return [{ play, states, ...(refusal && { refusal }) }];
  }
  const assigned = new Set(parts.flatMap(({ hosts }) => [...hosts]));
  const rest = { cluster: { kind: 'none' } as const, hosts: namesOf(play.hosts).filter((name) => !assigned.has(name)) };
  return [...parts, rest].flatMap(({ hosts, ...part }): readonly ClusterPlay[] => {
    const own = new Set(hosts);
    const observed = new Map([...states].filter(([name]) => own.has(name)));
    const members = play.hosts.filter(({ host }) => own.has(host.name));
    return observed.size === 0 ? [] : [{ ...part, play: { ...play, hosts: members }, states: observed }];
  });
}

function filesOf(states: ReadonlyMap<string, HostState>): ReadonlyMap<string, KubeadmHost> {
  return new Map(
    [...states].flatMap(([name, { world }]): [string, KubeadmHost][] => {
      const files = world.find(kubernetesFiles);
      return files && files.role !== 'none' ? [[name, files]] : [];
    }),
  );
}

/** Declared and proven clusters, in the order of their first hosts; those that share a host are merged into one bundle. */
function bundlesOf({ members, files }: Known): readonly Bundle[] {
  const declaredOf = new Map(members.flatMap(({ host }) => (host.cluster ? [[host.name, host.cluster] as const] : [])));
  const declared = new Map<string, string[]>();
  for (const [name, cluster] of declaredOf) {
    const hosts = declared.get(cluster) ?? [];
    hosts.push(name);
    declared.set(cluster, hosts);
  }
  const single: readonly Bundle[] = [
    ...provenClusters(files).map((proven) => ({
      declared: new Set(proven.names.flatMap((name) => declaredOf.get(name) ?? [])),
      proven: [proven],
      hosts: proven.names,
    })),
    ...[...declared].map(([cluster, hosts]) => ({ declared: new Set([cluster]), proven: [], hosts })),
  ];
  const bundles = new Set<Bundle>();
  const byDeclared = new Map<string, Bundle>();
  for (const bundle of single) {
    const same = new Set([...bundle.declared].flatMap((cluster) => byDeclared.get(cluster) ?? []));
    for (const other of same) bundles.delete(other);
    const merged = [...same, bundle].reduce(joined);
    bundles.add(merged);
    for (const cluster of merged.declared) byDeclared.set(cluster, merged);
  }
  const places = new Map(namesOf(members).map((name, place) => [name, place]));
  const placeOf = (name = ''): number => places.get(name) ?? places.size;
  return [...bundles]
    .map((bundle) => ({ ...bundle, hosts: [...new Set(bundle.hosts)].sort((a, b) => placeOf(a) - placeOf(b)) }))
    .sort((a, b) => placeOf(a.hosts[0]) - placeOf(b.hosts[0]));
}

function joined(a: Bundle, b: Bundle): Bundle {
  return {
    declared: new Set([...a.declared, ...b.declared]),
    proven: [...a.proven, ...b.proven],
    hosts: [...a.hosts, ...b.hosts],
  };
}

interface Part {
  readonly cluster: ClusterRef;
  readonly hosts: readonly string[];
  readonly refusal?: RefusePlan;
}

/** One part per bundle, or one for each cluster that the inventory declares in it. */
function partsOf(bundle: Bundle, all: readonly Bundle[], unread: readonly UnreadHost[], known: Known): readonly Part[] {
  const [name, ...others] = bundle.declared;
  // Where nothing tells, a host may belong to any cluster that the inventory does not declare.
  const mayOwn = ({ owner }: UnreadHost): boolean => (owner ? owner === bundle : name === undefined);
  const hosts = [...bundle.hosts, ...unread.filter(mayOwn).map((host) => host.name)];
  if (name === undefined) {
    const refusal = endpointRefusal(bundle.proven, all, known.files);
    return [{ cluster: { kind: 'found', name: hosts[0] ?? '' }, hosts, ...(refusal && { refusal }) }];
  }
  if (others.length === 0) {
    const refusal = unrelatedRefusal(name, bundle.proven, known.files);
    return [{ cluster: { kind: 'declared', name }, hosts, ...(refusal && { refusal }) }];
  }
  const declaredOf = new Map(known.members.map(({ host }) => [host.name, host.cluster ?? name]));
  const parts = [...bundle.declared].map((cluster) => ({
    name: cluster,
    hosts: hosts.filter((host) => declaredOf.get(host) === cluster),
  }));
  const refusal = sameClusterRefusal(parts, known.files);
  return parts.map(({ name: cluster, hosts: own }) => ({
    cluster: { kind: 'declared', name: cluster },
    hosts: own,
    refusal,
  }));
}

/** A host that could not be read, and that the inventory declares in no cluster. */
interface UnreadHost {
  readonly name: string;
  /** The bundle that one of its manifests names it in; undefined: nothing tells where it belongs. */
  readonly owner: Bundle | undefined;
}

function unreadHosts(bundles: readonly Bundle[], { lost, files }: Known): readonly UnreadHost[] {
  const bundled = new Set(bundles.flatMap(({ hosts }) => hosts));
  const open = lost.filter(({ host }) => !bundled.has(host.name));
  if (open.length === 0) return [];
  const named = bundles.map((bundle) => ({
    bundle,
    names: new Set(bundle.hosts.flatMap((name) => namesIn(files.get(name)))),
  }));
  return open.map(({ host: { name, vars } }) => {
    const address = String(vars.get('ansible_host')?.value ?? name);
    return { name, owner: named.find(({ names }) => names.has(name) || names.has(address))?.bundle };
  });
}

/** The names and addresses of hosts that the manifest of this one names. */
function namesIn(host: KubeadmHost | undefined): readonly string[] {
  return (host ? etcdPeersOf(host) : []).flatMap((peer) => [peer.name, endpointOfPeer(peer)?.address ?? peer.name]);
}

function namesOf(members: readonly CompiledHost[]): readonly string[] {
  return members.map(({ host }) => host.name);
}
