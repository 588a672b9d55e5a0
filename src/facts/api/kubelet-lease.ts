import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { isJsonObject, parseJson } from '../../core/json.ts';
import { sh } from '../../core/shell.ts';
import { kubectl } from './nodes.ts';

/** The lease that kubelet renews every ten seconds, whether or not its node is Ready (Kubernetes 1.14 and later). */
export interface KubeletLease {
  /** As the API returns it, to be compared with an earlier answer only; undefined without a lease. */
  readonly renewTime: string | undefined;
}

const kubeletLeaseFact: Fact<{ readonly node: string }, KubeletLease> = {
  name: 'kubelet_lease',
  summary: 'when kubelet last renewed the lease of its node',
  probe: ({ node }) => ({
    script: kubectl(
      '/etc/kubernetes/kubelet.conf',
      sh`get --raw ${`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`}`,
    ),
  }),
  parse: ({ stdout }) => {
    const lease = parseJson(stdout);
    const spec = isJsonObject(lease) ? lease['spec'] : undefined;
    const renewTime = isJsonObject(spec) ? spec['renewTime'] : undefined;
    return { renewTime: typeof renewTime === 'string' ? renewTime : undefined };
  },
};

/** The lease of a host's own node, read with kubelet's kubeconfig. */
export function kubeletLease(node: string): FactRef<KubeletLease> {
  return factRef(kubeletLeaseFact, { node });
}
