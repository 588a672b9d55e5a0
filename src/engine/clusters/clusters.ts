import type { ClusterRef } from '../../core/cluster.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type ProvenCluster, provenClusters } from '../../kubeadm/cluster/cluster-identity.ts';
import { endpointOfPeer, etcdPeersOf } from '../../kubeadm/cluster/etcd-peers.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledHost, CompiledPlay } from '../program/compiled.ts';
import { apartRefusal, endpointRefusal, togetherRefusal } from './cluster-refusals.ts';

/** The part of a play that is about one cluster; plan and execution know only such parts. */
export interface ClusterPlay {
  readonly play: CompiledPlay;
  /** Absent where the play has hosts of one cluster only. */
  readonly cluster?: ClusterRef;
  /** The states of the hosts that could be looked at. */
  readonly states: ReadonlyMap<string, HostState>;
  /** Why it is refused: what the inventory declares contradicts what the hosts hold. */
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
  /** Hosts among them that could not be read. */
  readonly lost: readonly CompiledHost[];
  readonly files: ReadonlyMap<string, KubeadmHost>;
}

/**
 * Splits a play by cluster, in the order of their first hosts. Hosts are of one cluster when the inventory declares it, or when what they
 * hold proves it; hosts of no cluster form one part together.
 */
export function clusterPlays(play: CompiledPlay, states: ReadonlyMap<string, HostState>): readonly ClusterPlay[] {
  const lost = play.hosts.filter(({ host }) => states.get(host.name)?.away !== undefined || !states.has(host.name));
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

/** Declared and proven clusters; those with a host in common become one bundle. */
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

/** One part for a bundle, or one for each cluster that the inventory declares in it. */
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

/** The unread hosts of no declared cluster that may belong to this bundle: a manifest of it names them, or nothing says where they belong. */
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
