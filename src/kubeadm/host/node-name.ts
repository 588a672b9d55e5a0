import { oldLeafOf } from '../pattern.ts';
import type { Credential, StaticPod } from './model.ts';

const NODE_PREFIX = 'system:node:';

/**
 * The name that the host claims for its node. kubelet tells the API who it is by its certificate, or else by the user of kubelet.conf, so these
 * come first. etcd's certificates come after them: kubeadm names them after the node, but others may not have. On a worker even a certificate
 * that no CA has signed is a claim: whoever has put it there must not get another one, not even under a better name.
 */
export function nodeNameIn(credentials: readonly Credential[], staticPods: readonly StaticPod[]): string | undefined {
  const kubelet = credentials.find(({ name }) => name === 'kubelet-client');
  const etcd = credentials.filter(({ name }) => name === 'etcd-server' || name === 'etcd-peer');
  const claimed = (kubelet && oldLeafOf(kubelet))?.subject.commonName;
  const certified = nodeOf(claimed);
  const isWorker = credentials.every(({ kind }) => kind === 'kubelet');
  return (
    (kubelet && isSigned(kubelet) ? certified : undefined) ??
    (isWorker ? (certified ?? claimed) : undefined) ??
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
