import type { ClusterRef } from '../../core/cluster.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { kubernetesFiles } from '../../facts/kubernetes-files.ts';
import { type ProvenCluster, provenClusters } from '../../kubeadm/cluster-identity.ts';
import { endpointOfPeer, etcdPeersOf } from '../../kubeadm/etcd-peers.ts';
import type { KubeadmHost } from '../../kubeadm/model.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledHost, CompiledPlay } from '../program/compiled.ts';
import { apartRefusal, endpointRefusal, togetherRefusal } from './cluster-refusals.ts';

/** A play over the hosts of one cluster: what everything below plans and carries out. */
export interface ClusterPlay {
  readonly play: CompiledPlay;
  /** Absent where the play has hosts of one cluster only. */
  readonly cluster?: ClusterRef;
  /** Of those of its hosts that could be looked at. */
  readonly states: ReadonlyMap<string, HostState>;
  /** What the inventory says and what the hosts hold contradict each other. */
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
 * A play over hosts of several clusters is as many plays as there are clusters, in the order of their first hosts. Hosts are of
 * one cluster when the inventory says so, or when what they hold does; hosts of no cluster are one.
 */
export function clusterPlays(play: CompiledPlay, states: ReadonlyMap<string, HostState>): readonly ClusterPlay[] {
  const lost = play.hosts.filter(({ host }) => !states.has(host.name));
  const known = { members: play.hosts, lost, files: filesOf(states) };
  const bundles = bundlesOf(known);
  const parts = bundles.flatMap((bundle) => partsOf(bundle, bundles, known));
  if (parts.length < 2) {
    const refusal = parts[0]?.refusal;
    return [{ play, states, ...(refusal && { refusal }) }];
  }
  const placed = new Set(parts.flatMap(({ hosts }) => [...hosts]));
  const rest = { cluster: { kind: 'none' } as const, hosts: namesOf(play.hosts).filter((name) => !placed.has(name)) };
  return [...parts, rest].flatMap(({ hosts, ...part }): readonly ClusterPlay[] => {
    const own = new Set(hosts);
    const seen = new Map([...states].filter(([name]) => own.has(name)));
    const members = play.hosts.filter(({ host }) => own.has(host.name));
    return seen.size === 0 ? [] : [{ ...part, play: { ...play, hosts: members }, states: seen }];
  });
}

function filesOf(states: ReadonlyMap<string, HostState>): ReadonlyMap<string, KubeadmHost> {
  return new Map(
    [...states].flatMap(([name, { world }]): [string, KubeadmHost][] => {
      const files = world.has(kubernetesFiles) ? world.get(kubernetesFiles) : undefined;
      return files && files.role !== 'none' ? [[name, files]] : [];
    }),
  );
}

/** Declared clusters and proven ones, those that have a host in common put together. */
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

/** One part for a bundle, unless the inventory has several clusters in it. */
function partsOf(bundle: Bundle, all: readonly Bundle[], known: Known): readonly Part[] {
  const order = namesOf(known.members);
  const [name, ...others] = bundle.declared;
  const hosts = [...order.filter((host) => bundle.hosts.has(host)), ...unseenOf(bundle, all, known)];
  if (name === undefined) {
    const refusal = endpointRefusal(bundle.proven, all, known.files);
    return [{ cluster: { kind: 'found', name: hosts[0] ?? '' }, hosts, ...(refusal && { refusal }) }];
  }
  if (others.length === 0) {
    const refusal = apartRefusal(name, bundle.proven, known.files);
    return [{ cluster: { kind: 'declared', name }, hosts, ...(refusal && { refusal }) }];
  }
  const declaredOf = new Map(known.members.map(({ host }) => [host.name, host.cluster ?? name]));
  const parts = [...bundle.declared].map((cluster) => ({
    name: cluster,
    hosts: hosts.filter((host) => declaredOf.get(host) === cluster),
  }));
  const refusal = togetherRefusal(parts, known.files);
  return parts.map(({ name: cluster, hosts: own }) => ({
    cluster: { kind: 'declared', name: cluster },
    hosts: own,
    refusal,
  }));
}

/** Hosts that could not be read and that the inventory puts into no cluster: where a manifest names them, or nobody knows. */
function unseenOf(bundle: Bundle, all: readonly Bundle[], { lost, files }: Known): readonly string[] {
  return lost.flatMap(({ host }) => {
    if (all.some(({ hosts }) => hosts.has(host.name))) return [];
    const home = all.find(({ hosts }) => [...hosts].some((name) => isNamedBy(host, files.get(name))));
    return (home ? home === bundle : bundle.declared.size === 0) ? [host.name] : [];
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
