import { oldLeafOf } from '../pattern.ts';
import type { Credential, StaticPod } from './model.ts';

const NODE_PREFIX = 'system:node:';

/**
 * The name that the host claims for its node. kubelet says who it is to the API: its certificate, if the CA has signed it, or the user of
 * kubelet.conf. etcd's files only follow: kubeadm names the member after the node, but not everybody its certificate.
 */
export function nodeNameIn(credentials: readonly Credential[], staticPods: readonly StaticPod[]): string | undefined {
  const kubelet = credentials.find(({ name }) => name === 'kubelet-client');
  const etcd = credentials.filter(({ name }) => name === 'etcd-server' || name === 'etcd-peer');
  const certified = kubelet && nodeOf(oldLeafOf(kubelet)?.subject.commonName);
  return (
    (kubelet && isSigned(kubelet) ? certified : undefined) ??
    nodeOf(kubelet?.kubeconfig?.user) ??
    staticPods.find(({ component }) => component === 'etcd')?.flags.get('--name') ??
    firstMember(etcd.filter(isSigned)) ??
    certified ??
    firstMember(etcd)
  );
}

function nodeOf(user: string | undefined): string | undefined {
  return user?.startsWith(NODE_PREFIX) ? user.slice(NODE_PREFIX.length) : undefined;
}

/** The CN of a certificate that kubeadm has made for etcd is one of its names, too. Others call theirs kube-etcd. */
function firstMember(credentials: readonly Credential[]): string | undefined {
  return credentials
    .flatMap((credential) => oldLeafOf(credential) ?? [])
    .find(({ subject, dnsNames }) => subject.commonName !== undefined && dnsNames.includes(subject.commonName))?.subject
    .commonName;
}

function isSigned({ holding, signedByAuthority, aside }: Credential): boolean {
  return (holding.state === 'present' ? signedByAuthority : aside?.signedByAuthority) === true;
}
