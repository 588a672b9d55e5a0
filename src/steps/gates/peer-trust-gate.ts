import { count } from '../../core/count.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { certificatesIn } from '../../kubeadm/host/kubeconfig.ts';
import { isSameAuthority } from '../../kubeadm/host/kubeconfig-trust.ts';
import { KUBELET_KUBECONFIG } from '../../kubeadm/host/kubelet-files.ts';
import { clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';
import { servesByName } from '../../kubeadm/host/static-pod.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { leadsTo } from '../../pki/chain.ts';
import { willAccept } from './trust-gate.ts';

/**
 * Kubelets of other hosts reach the API through a load balancer, so also through the API server of this host. While a CA is
 * replaced, they may trust only the old one: as soon as a new certificate is served, their nodes become NotReady, and no later
 * task of the run could mend that. What they have rejected before is no reason: a restart makes it no worse.
 */
export function peerTrustRefusal(
  host: KubeadmHost,
  restarted: readonly string[],
  peers: ReadonlyMap<string, World>,
): RefusePlan | undefined {
  const api = host.credentials.find(({ name }) => name === 'apiserver');
  const ca = clusterAuthority(host);
  if (!restarted.includes('kube-apiserver') || api?.holding.state !== 'planned' || !ca?.certificate) return undefined;
  const { replaces, chain } = api.holding;
  if (!replaces || servesByName(host.staticPods)) return undefined;
  const [first, ...others] = [...peers].flatMap(([name, world]) => {
    const trusted = world.has(kubernetesFiles) ? trustedIn(world.get(kubernetesFiles)) : [];
    const isLost =
      !trusted.some((one) => isSameAuthority(one, ca.certificate)) &&
      leadsTo(replaces, chain, trusted) &&
      !willAccept(api, trusted);
    return isLost ? [name] : [];
  });
  if (first === undefined) return undefined;
  const whose = others.length === 0 ? first : `${first} and ${count(others.length, 'other host', 'other hosts')}`;
  return {
    action: 'refuse',
    code: 'another-ca',
    reason: `kubelet of ${whose} would reject the API server: the CA in its kubelet.conf has signed until now, but not the new certificate (the first CA in ${ca.certificatePath} signs)`,
    remedy: `put ${ca.certificatePath} of this host on ${others.length === 0 ? 'that host' : 'those hosts'}, at /etc/kubernetes/pki/ca.crt and into ${KUBELET_KUBECONFIG} (kubectl config set-cluster, as kplay explain another-ca tells), restart kubelet there, and run again`,
  };
}

/** The CAs that are in kubelet.conf itself. */
function trustedIn({ trust }: KubeadmHost): readonly Certificate[] {
  return certificatesIn(trust.find(({ path }) => path === KUBELET_KUBECONFIG)?.authorities);
}
