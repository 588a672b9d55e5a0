import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import type { HostInfo, PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { NODE_NAME, nodeNameOf, unprovenNode } from '../../kubeadm/cluster/node-name.ts';
import { haveCommonAuthority, isSameCluster, trustedAuthorities } from '../../kubeadm/host/kubeconfig-trust.ts';
import { type Credential, clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';
import { asidePath } from '../../kubeadm/host/raw-files.ts';
import { oldLeafOf } from '../../kubeadm/pattern.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { keyChallenge, keyFault } from './key-holder.ts';
import { memberNames } from './topology.ts';

/** The node name of a worker, if it cannot be determined otherwise. */
export const NODE_NAMES = {
  node_name: {
    type: 'string',
    pattern: NODE_NAME,
    description:
      'the node name of a worker; needed if it is proven neither by the name or address of the host in the inventory, ' +
      'nor by its old kubelet certificate, signed by the CA and with its key on the host',
    'x-default-variable': 'node_name',
  },
} as const;

const nodeNames = { type: 'object', properties: NODE_NAMES, additionalProperties: false } as const;
export type NodeNameParams = ValueOf<typeof nodeNames>;

/** Additional facts for a worker whose kubelet is to get a certificate for another name than in the inventory. */
export function nodeNameFacts({ node_name }: NodeNameParams, host: KubeadmHost, info: HostInfo): readonly FactRef[] {
  const claimed = host.nodeName;
  if (host.role !== 'worker' || node_name !== undefined || claimed === undefined) return [];
  if (inventoryNames(info).includes(claimed)) return [];
  const kubelet = kubeletOf(host);
  return kubelet ? [keyChallenge(kubelet)] : [];
}

/**
 * The node name of a host. A master signs for itself; a worker's name must be confirmed by something other than the worker,
 * because the key of another host signs for it.
 */
export function nodeNameFor(params: NodeNameParams, world: World, context: PlanContext): string | RefusePlan {
  const host = world.get(kubernetesFiles);
  const claimed = host.nodeName;
  if (host.role !== 'worker') return claimed ?? NAMELESS;
  const evidence = {
    claimed,
    given: params.node_name,
    inventoryNames: inventoryNames(context.host),
    ...othersNames(host, context),
    unproven: claimed === undefined ? undefined : unprovenReason(host, claimed, world, context),
  };
  const known = nodeNameOf(evidence);
  return 'action' in known ? known : known.nodeName;
}

const NAMELESS: RefusePlan = {
  action: 'refuse',
  code: 'node-name',
  reason: "the host's files do not contain the name of its node",
  remedy: 'restore its certificates or kubelet.conf from a backup, then run again',
};

function inventoryNames({ name, address }: HostInfo): readonly string[] {
  return [name.toLowerCase(), ...(address === undefined ? [] : [address])];
}

/** If a bootstrap has left it aside, as it is there. */
function kubeletOf({ credentials }: KubeadmHost): Credential | undefined {
  const kubelet = credentials.find(({ name }) => name === 'kubelet-client');
  if (!kubelet?.aside || kubelet.holding.state === 'present') return kubelet;
  const [certificatePath, keyPath] = [asidePath(kubelet.certificatePath), asidePath(kubelet.keyPath)];
  return { ...kubelet, holding: kubelet.aside.holding, certificatePath, keyPath };
}

function unprovenReason(host: KubeadmHost, claimed: string, world: World, { peers }: PlanContext): string | undefined {
  const kubelet = kubeletOf(host);
  if (!kubelet) return 'it has no kubelet certificate';
  const fault = unprovenNode(kubelet, claimed, authoritiesOf(host, peers));
  if (fault !== undefined) return fault;
  const leaf = oldLeafOf(kubelet);
  return leaf ? keyFault(kubelet, leaf, world) : 'its key was not checked';
}

/** The CA as each of the masters of its cluster has it: a worker's own copy proves nothing. */
function authoritiesOf(host: KubeadmHost, peers: ReadonlyMap<string, World>): readonly (readonly Certificate[])[] {
  const trusted = trustedAuthorities(host);
  return [...peers.values()].flatMap((world) => {
    if (!world.has(kubernetesFiles)) return [];
    const peer = world.get(kubernetesFiles);
    const bundle = clusterAuthority(peer)?.bundle ?? [];
    const isOwn = peer.role === 'control-plane' && haveCommonAuthority(bundle, trusted);
    return isOwn ? [bundle] : [];
  });
}

/** Node names in the cluster that belong to other hosts. */
function othersNames(
  host: KubeadmHost,
  { peers }: PlanContext,
): { readonly taken: ReadonlyMap<string, string>; readonly claimedByOthers: ReadonlyMap<string, string> } {
  const taken = new Map<string, string>();
  const claimedByOthers = new Map<string, string>();
  for (const [name, world] of peers) {
    const other = world.find(kubernetesFiles);
    if (other && !isSameCluster(host, other)) continue;
    taken.set(name.toLowerCase(), `the name of ${name} in the inventory`);
    if (other?.role === 'worker' && other.nodeName !== undefined)
      claimedByOthers.set(other.nodeName, `what ${name} says of its own, too`);
    if (other?.role !== 'control-plane') continue;
    for (const master of mastersKnownTo(other, world)) taken.set(master, 'a master of the cluster');
    if (other.nodeName !== undefined) taken.set(other.nodeName, `the master ${name}`);
  }
  return { taken, claimedByOthers };
}

function mastersKnownTo(host: KubeadmHost, world: World): readonly string[] {
  const observed = world.find(nodes);
  const listed = observed?.state === 'answered' ? observed.nodes.filter(({ isMaster }) => isMaster) : [];
  return [...memberNames(host), ...listed.map(({ name }) => name)];
}
