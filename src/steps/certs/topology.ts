import type { PlanWarning } from '../../core/plan.ts';
import type { PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { type Nodes, nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { haveCommonAuthority, trustedByKubelet } from '../../kubeadm/host/kubeconfig-trust.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import type { Certificate } from '../../pki/certificate.ts';

interface Seen {
  readonly name: string;
  readonly host: KubeadmHost;
  readonly nodes: Nodes | undefined;
}

/**
 * Masters of the cluster that are none of the hosts looked at: their certificates end as well, and nobody counts them for the
 * quorum. The API lists them; where it does not answer, the manifests of etcd name those that were there when a member joined.
 * Said by one master of the cluster for all.
 */
export function topologyWarnings(world: World, { host: { name }, peers }: PlanContext): readonly PlanWarning[] {
  const own = seen(name, world);
  if (own?.host.role !== 'control-plane') return [];
  const hosts = [own, ...[...peers].flatMap(([peer, known]) => seen(peer, known) ?? [])].filter(({ host }) =>
    isSameCluster(host, own.host),
  );
  const masters = hosts.filter(({ host }) => host.role === 'control-plane').sort((a, b) => (a.name < b.name ? -1 : 1));
  const spokesman = masters.find((master) => master.nodes?.state === 'answered') ?? masters[0];
  if (spokesman?.name !== name) return [];
  const known = new Set(hosts.flatMap(({ host }) => host.nodeName ?? []));
  return mastersOf(spokesman, masters)
    .filter((master) => !known.has(master))
    .map((master) => ({
      message: `master ${master} of the cluster is not among the hosts that were checked`,
      remedy: 'make it reachable, or add it to the inventory or to --limit: each master has its own certificates',
    }));
}

function seen(name: string, world: World): Seen | undefined {
  if (!world.has(kubernetesFiles)) return undefined;
  return { name, host: world.get(kubernetesFiles), nodes: world.has(nodes) ? world.get(nodes) : undefined };
}

/** Hosts of several clusters may be in one play: those of one have a CA in common that they trust. */
export function isSameCluster(a: KubeadmHost, b: KubeadmHost): boolean {
  const [some, others] = [trustedAuthorities(a), trustedAuthorities(b)];
  return some.length === 0 || others.length === 0 || haveCommonAuthority(some, others);
}

/** The CAs that a host trusts, as far as it says: two while one is replaced. */
export function trustedAuthorities(host: KubeadmHost): readonly Certificate[] {
  const bundle = host.authorities.find(({ name }) => name === 'ca')?.bundle ?? [];
  return [...bundle, ...trustedByKubelet(host)];
}

function mastersOf(spokesman: Seen, masters: readonly Seen[]): readonly string[] {
  if (spokesman.nodes?.state === 'answered')
    return spokesman.nodes.nodes.flatMap(({ name, isMaster }) => (isMaster ? [name] : []));
  return [...new Set(masters.flatMap(({ host }) => memberNames(host)))].sort();
}

/** The members of etcd that there were when the one of this host joined: kubeadm calls them as their nodes. */
export function memberNames({ staticPods }: KubeadmHost): readonly string[] {
  const etcd = staticPods.find(({ component }) => component === 'etcd');
  return (etcd?.flags.get('--initial-cluster') ?? '').split(',').flatMap((member) => {
    const [name] = member.split('=');
    return name ? [name] : [];
  });
}
