import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { isJsonObject, parseJson } from '../../core/json.ts';
import { sh } from '../../core/shell.ts';
import { forbidden, kubectl, kubectlMessage, whyUnusable } from './nodes.ts';

/**
 * The lease that kubelet renews every ten seconds, whether or not its node is Ready (Kubernetes 1.14 and later). `none`: the API
 * says that there is no such lease, or there is no kubectl that could ask.
 */
export type KubeletLease =
  | { readonly state: 'renewed' /** As the API returns it. */; readonly renewTime: string }
  | { readonly state: 'none' }
  /** Kubelet's user may not read it: before 1.14 that is so where there are no leases. */
  | { readonly state: 'forbidden'; readonly reason: string }
  /** The API is down, or rejects the certificate, or is rejected. */
  | { readonly state: 'no answer'; readonly reason: string };

const kubeletLeaseFact: Fact<{ readonly node: string }, KubeletLease> = {
  name: 'kubelet_lease',
  summary: 'when kubelet last renewed the lease of its node',
  probe: ({ node }) => ({
    script: kubectl(
      '/etc/kubernetes/kubelet.conf',
      sh`get --raw ${`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`}`,
    ),
  }),
  parse({ stdout, stderr, exitCode }) {
    if (whyUnusable(exitCode) !== undefined || /\(NotFound\)/.test(stderr)) return { state: 'none' };
    const reason = forbidden(stderr);
    if (reason !== undefined) return { state: 'forbidden', reason };
    if (exitCode !== 0) return { state: 'no answer', reason: kubectlMessage({ stderr, exitCode }) };
    const lease = parseJson(stdout);
    const spec = isJsonObject(lease) ? lease['spec'] : undefined;
    const renewTime = isJsonObject(spec) ? spec['renewTime'] : undefined;
    return typeof renewTime === 'string'
      ? { state: 'renewed', renewTime }
      : { state: 'no answer', reason: 'its answer is not a lease' };
  },
};

/** The lease of a host's own node, read with kubelet's kubeconfig. */
export function kubeletLease(node: string): FactRef<KubeletLease> {
  return factRef(kubeletLeaseFact, { node });
}
