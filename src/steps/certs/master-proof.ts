import type { FactRef } from '../../core/fact.ts';
import type { PlanWarning, RefusePlan } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import type { PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { haveCommonAuthority, trustedAuthorities } from '../../kubeadm/host/kubeconfig-trust.ts';
import { type Credential, clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';
import { type CredentialName, PAIRS } from '../../kubeadm/table.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { trustPath } from '../../pki/chain.ts';
import { keyChallenge, keyFault } from './key-holder.ts';

/** The role of a host, for hosts that cannot prove it. */
export const NODE_ROLES = {
  node_role: {
    enum: ['master'],
    description:
      'that this host is a master; needed if it cannot prove that by signing, with openssl, with the key of one of its old certificates',
    'x-default-variable': 'node_role',
  },
} as const;

const nodeRoles = { type: 'object', properties: NODE_ROLES, additionalProperties: false } as const;
type NodeRoleParams = ValueOf<typeof nodeRoles>;

/** Additional facts for a host with the files of a master. */
export function masterFacts({ node_role }: NodeRoleParams, host: KubeadmHost): readonly FactRef[] {
  const held = node_role || host.role !== 'control-plane' ? undefined : heldByMasters(host);
  return held ? [keyChallenge(held.credential)] : [];
}

/**
 * Refuses requests of a host that cannot prove to be a master. Somebody who has taken over a worker can put manifests there,
 * and would get administrator certificates from whoever signs kplay's requests. A master has what a worker never had: the key
 * of a certificate that the CA has signed for a component of the control plane.
 */
export function masterRefusal(
  { node_role }: NodeRoleParams,
  world: World,
  context: PlanContext,
): RefusePlan | undefined {
  const host = world.get(kubernetesFiles);
  if (node_role || host.role !== 'control-plane') return undefined;
  const fault = faultOf(host, world, context);
  if (fault === undefined) return undefined;
  return {
    action: 'refuse',
    code: 'master-unproven',
    reason: 'only the host itself says that it is a master',
    details: [['not proven', fault]],
    remedy:
      'nothing is requested for it: check that it is a master and that nobody has tampered with its files, then set node_role: master for the host in the inventory',
  };
}

/**
 * Warns about a master whose CA no other host of the play has: whoever has taken over a worker can put a CA of his own there, and
 * prove anything with it.
 */
export function unconfirmedWarnings(
  { node_role }: NodeRoleParams,
  world: World,
  { host: { name }, peers }: PlanContext,
): readonly PlanWarning[] {
  const host = world.get(kubernetesFiles);
  const ca = clusterAuthority(host)?.certificate;
  if (node_role || host.role !== 'control-plane' || !ca) return [];
  const isConfirmed = [...peers.values()].some(
    (peer) => peer.has(kubernetesFiles) && haveCommonAuthority([ca], trustedAuthorities(peer.get(kubernetesFiles))),
  );
  if (isConfirmed) return [];
  return [
    {
      message: `only ${name} itself shows that ${ca.subject.text} is the CA of its cluster, and so that it is a master: SHA256 ${asOpenssl(ca.fingerprint)}`,
      remedy:
        'before anything is signed, compare with the CA: openssl x509 -in ca.crt -noout -fingerprint -sha256; or run with its other hosts, or set node_role: master',
    },
  ];
}

/** `9F:3A:…`, as openssl prints it. */
function asOpenssl(fingerprint: string): string {
  return fingerprint.toUpperCase().replace(/..(?!$)/g, '$&:');
}

function faultOf(host: KubeadmHost, world: World, { peers }: PlanContext): string | undefined {
  const held = heldByMasters(host);
  if (!held) return 'it has no certificate of a control plane that its CA has signed';
  const { credential, leaf, chain } = held;
  // Its CA file may contain its own CA beside that of the cluster.
  const stranger = [...peers].find(([, peer]) => {
    const other = peer.find(kubernetesFiles);
    if (other?.role !== 'control-plane') return false;
    return !trustPath(leaf, chain, bundleOf(other, credential));
  });
  if (stranger) return `the ${credential.authority} of ${stranger[0]} has not signed its ${credential.name}`;
  return keyFault(credential, leaf, world);
}

interface Held {
  readonly credential: Credential;
  readonly leaf: Certificate;
  readonly chain: readonly Certificate[];
}

/** The first certificate of a component, in its own file, that the host's CA has signed for that component. */
function heldByMasters(host: KubeadmHost): Held | undefined {
  const [held] = host.credentials.flatMap((credential): readonly Held[] => {
    const { kind, holding, signedByAuthority } = credential;
    if (kind !== 'pair' || holding.state !== 'present' || !signedByAuthority) return [];
    if (!isOfComponent(credential.name, holding.certificate)) return [];
    return [{ credential, leaf: holding.certificate, chain: holding.chain }];
  });
  return held;
}

/**
 * Whether a certificate is what kubeadm makes for this pair, by its name and usages: the same CA has also signed the certificates
 * of kubelets and users, and a worker may keep its own under any file name. Pairs named after their node prove nothing.
 */
export function isOfComponent(name: CredentialName, { subject, extendedKeyUsages }: Certificate): boolean {
  const pair = PAIRS.find((candidate) => candidate.name === name);
  return (
    pair !== undefined &&
    pair.commonName !== 'node' &&
    subject.commonName === pair.commonName &&
    pair.usages.every((usage) => extendedKeyUsages.includes(usage))
  );
}

function bundleOf({ authorities }: KubeadmHost, { authority }: Credential): readonly Certificate[] {
  return authorities.find(({ name }) => name === authority)?.bundle ?? [];
}
