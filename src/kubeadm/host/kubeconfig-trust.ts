import { linkedPath, normalPath } from '../../core/host-path.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { KUBECONFIGS, KUBERNETES_DIRECTORY } from '../table.ts';
import { certificatesIn, type KubeconfigCluster, trustedIn } from './kubeconfig.ts';
import { KUBELET_KUBECONFIG } from './kubelet-files.ts';
import { clusterAuthority, type KubeadmHost, type KubeconfigShape, type KubeconfigTrust } from './model.ts';
import { asidePath } from './raw-files.ts';
import type { RawView } from './raw-view.ts';

/**
 * The CAs with which the readers of kubeadm's own kubeconfigs verify the API server, for the cluster of the current context.
 * If a kubeconfig was moved aside its copy is used: a renewal changes only certificates and keys.
 */
export function kubeconfigTrust(view: RawView): readonly KubeconfigTrust[] {
  const paths = [...KUBECONFIGS.map(({ name }) => `${KUBERNETES_DIRECTORY}/${name}`), KUBELET_KUBECONFIG];
  return paths.flatMap((path) => {
    const read = view.readKubeconfig(path) ?? view.readKubeconfig(asidePath(path));
    if (!read || 'unreadable' in read) return [];
    const cluster = read.clusters.find(({ name }) => name === read.shape.cluster);
    const trusted = cluster && trustedBy(view, path, cluster);
    return trusted?.authorities.state === 'present' || trusted?.authorities.state === 'unreadable'
      ? [{ path, cluster: cluster?.name ?? '', ...trusted }]
      : [];
  });
}

/** Those of kubeadm's kubeconfigs that are understood, with kubelet's. */
export function kubeconfigsOf({
  credentials,
  kubelet,
}: KubeadmHost): readonly { readonly path: string; readonly kubeconfig: KubeconfigShape }[] {
  const all = [
    ...credentials.map(({ kind, certificatePath: path, kubeconfig }) => ({
      path,
      kubeconfig: kind === 'kubeconfig' ? kubeconfig : undefined,
    })),
    { path: KUBELET_KUBECONFIG, kubeconfig: kubelet.kubeconfig },
  ];
  return all.flatMap(({ path, kubeconfig }) => (kubeconfig ? [{ path, kubeconfig }] : []));
}

function trustedBy(
  view: RawView,
  path: string,
  { authorities, authorityFile }: KubeconfigCluster,
): Pick<KubeconfigTrust, 'authorities' | 'authorityFile'> {
  if (authorities.state !== 'absent' || authorityFile === undefined) return { authorities };
  const file = normalPath(linkedPath(path, authorityFile));
  return { authorities: view.holding(file, trustedIn), authorityFile: file };
}

/** Equal key and name, in its encoding, mean the same CA, although one of the certificates may be a renewed one with another end. */
export function isSameAuthority(one: Certificate, ca: Certificate | undefined): boolean {
  return ca !== undefined && authorityId(one) === authorityId(ca);
}

/** Whether it is a certificate of that CA under another name: made again with the same key, and maybe only encoded differently. */
export function isRenamed(one: Certificate, ca: Certificate | undefined): boolean {
  return one.publicKeyHash === ca?.publicKeyHash && one.subjectHash !== ca.subjectHash;
}

/** What to do then while certificates with the old name are in use: whoever trusted only the new one would reject these. */
export const KEEP_NAME =
  'make ca.crt again with the old name, which certificates on this host still give: openssl x509 -in OLD.crt -signkey ca.key -days 3650 -out ca.crt, with OLD.crt from the kubeconfig or a backup; nothing else has to change then';

/** Whether both lists contain the same CA, in any of its certificates. */
export function haveCommonAuthority(first: readonly Certificate[], second: readonly Certificate[]): boolean {
  return first.some((one) => second.some((other) => isSameAuthority(one, other)));
}

/** An identifier shared by all certificates of a CA. */
export function authorityId({ publicKeyHash, subjectHash }: Certificate): string {
  return `${publicKeyHash} ${subjectHash}`;
}

/** The CAs with which kubelet verifies the API server, as far as the host tells: those in kubelet.conf, else its ca.crt. */
export function trustedByKubelet(host: KubeadmHost): readonly Certificate[] {
  const named = host.trust.find(({ path }) => path === KUBELET_KUBECONFIG)?.authorities;
  if (named?.state === 'present') return certificatesIn(named);
  return clusterAuthority(host)?.bundle ?? [];
}

/** The CAs that a host trusts, as far as known: two while one is being replaced. */
export function trustedAuthorities(host: KubeadmHost): readonly Certificate[] {
  const bundle = clusterAuthority(host)?.bundle ?? [];
  return [...bundle, ...trustedByKubelet(host)];
}

/** Several clusters may be in one play: the hosts of one cluster trust a common CA. */
export function isSameCluster(a: KubeadmHost, b: KubeadmHost): boolean {
  const [some, others] = [trustedAuthorities(a), trustedAuthorities(b)];
  return some.length === 0 || others.length === 0 || haveCommonAuthority(some, others);
}
