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
  readonly hosts: ReadonlySet<string>;
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
  const parts = bundles.flatMap((bundle) => partsOf(bundle, bundles, known));
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

/** Declared and proven clusters; those that share a host are merged into one bundle. */
function bundlesOf({ members, files }: Known): readonly Bundle[] {
  const declaredOf = new Map(members.flatMap(({ host }) => (host.cluster ? [[host.name, host.cluster] as const] : [])));
  const single: readonly Bundle[] = [
    ...provenClusters(files).map((proven) => ({
      declared: new Set(proven.names.flatMap((name) => declaredOf.get(name) ?? [])),
      proven: [proven],
      hosts: new Set(proven.names),
    })),
    ...[...declaredOf].map(([name, cluster]) => ({
      declared: new Set([cluster]),
      proven: [],
      hosts: new Set([name]),
    })),
  ];
  const bundles: Bundle[] = [];
  for (const bundle of single) {
    const same = bundles.filter(({ declared }) => [...declared].some((name) => bundle.declared.has(name)));
    for (const other of same) bundles.splice(bundles.indexOf(other), 1);
    bundles.push([...same, bundle].reduce(joined));
  }
  const order = namesOf(members);
  const first = ({ hosts }: Bundle): number => order.findIndex((name) => hosts.has(name));
  return bundles.toSorted((a, b) => first(a) - first(b));
}

function joined(a: Bundle, b: Bundle): Bundle {
  return {
    declared: new Set([...a.declared, ...b.declared]),
    proven: [...a.proven, ...b.proven],
    hosts: new Set([...a.hosts, ...b.hosts]),
  };
}

interface Part {
  readonly cluster: ClusterRef;
  readonly hosts: readonly string[];
  readonly refusal?: RefusePlan;
}

/** One part per bundle, or one for each cluster that the inventory declares in it. */
function partsOf(bundle: Bundle, all: readonly Bundle[], known: Known): readonly Part[] {
  const order = namesOf(known.members);
  const [name, ...others] = bundle.declared;
  const hosts = [...order.filter((host) => bundle.hosts.has(host)), ...unreadHostsOf(bundle, all, known)];
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

/**
 * The unread hosts without a declared cluster that may belong to this bundle: one of its manifests names them, or nothing tells
 * where they belong.
 */
function unreadHostsOf(bundle: Bundle, all: readonly Bundle[], { lost, files }: Known): readonly string[] {
  return lost.flatMap(({ host }) => {
    if (all.some(({ hosts }) => hosts.has(host.name))) return [];
    const owner = all.find(({ hosts }) => [...hosts].some((name) => isNamedBy(host, files.get(name))));
    return (owner ? owner === bundle : bundle.declared.size === 0) ? [host.name] : [];
  });
}

function isNamedBy({ name, vars }: CompiledHost['host'], files: KubeadmHost | undefined): boolean {
  const address = vars.get('ansible_host')?.value ?? name;
  return (files ? etcdPeersOf(files) : []).some(
    (peer) => peer.name === name || endpointOfPeer(peer)?.address === address,
  );
}

function namesOf(members: readonly CompiledHost[]): readonly string[] {
  return members.map(({ host }) => host.name);
}
