import type { PlanWarning } from '../../core/plan.ts';
import type { PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { type Nodes, nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { isSameCluster } from '../../kubeadm/host/kubeconfig-trust.ts';
import { type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';

interface ObservedHost {
  readonly name: string;
  readonly host: KubeadmHost;
  readonly nodes: Nodes | undefined;
}

/**
 * Warns about masters of the cluster that were not observed: their certificates end as well, and they are missing when the
 * quorum is counted. The API lists them; if it does not answer, the manifests of etcd name those that existed when a member
 * joined. One master of the cluster reports for all.
 */
export function topologyWarnings(world: World, { host: { name }, peers }: PlanContext): readonly PlanWarning[] {
  const own = observedHost(name, world);
  if (own?.host.role !== 'control-plane') return [];
  const hosts = [own, ...[...peers].flatMap(([peer, known]) => observedHost(peer, known) ?? [])].filter(({ host }) =>
    isSameCluster(host, own.host),
  );
  const masters = hosts.filter(({ host }) => host.role === 'control-plane').sort((a, b) => (a.name < b.name ? -1 : 1));
  const reporter = masters.find((master) => master.nodes?.state === 'answered') ?? masters[0];
  if (reporter?.name !== name) return [];
  const known = new Set(hosts.flatMap(({ host }) => host.nodeName ?? []));
  return mastersOf(reporter, masters)
    .filter((master) => !known.has(master))
    .map((master) => ({
      message: `master ${master} of the cluster is not among these hosts, or is refused or unreachable`,
      remedy:
        'each master has its own certificates: if this one is refused or unreachable, see why; otherwise add it to the inventory or to --limit',
    }));
}

function observedHost(name: string, world: World): ObservedHost | undefined {
  if (!world.has(kubernetesFiles)) return undefined;
  return { name, host: world.get(kubernetesFiles), nodes: world.find(nodes) };
}

function mastersOf(reporter: ObservedHost, masters: readonly ObservedHost[]): readonly string[] {
  if (reporter.nodes?.state === 'answered')
    return reporter.nodes.nodes.flatMap(({ name, isMaster }) => (isMaster ? [name] : []));
  return [...new Set(masters.flatMap(({ host }) => memberNames(host)))].sort();
}

/** The members of etcd at the time when this host's member joined: kubeadm names them like their nodes. */
export function memberNames(host: KubeadmHost): readonly string[] {
  const etcd = podOf(host, 'etcd');
  return (etcd?.flags.get('--initial-cluster') ?? '').split(',').flatMap((member) => {
    const [name] = member.split('=');
    return name ? [name] : [];
  });
}
