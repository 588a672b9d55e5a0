import type { World } from '../../core/world.ts';
import { nodes, ownNode } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { kubeadmBinary } from '../../facts/host/kubeadm-binary.ts';
import { type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';
import { formatVersion } from '../../kubeadm/version.ts';

/**
 * `Kubernetes v1.33.13 · kubelet v1.33.13 · containerd · stacked etcd`: describes a host at the head of its plan. Versions of
 * kubeadm and kubelet are shown if known: no program is started only for that.
 */
export function describeHost(world: World): string {
  const host = world.get(kubernetesFiles);
  if (host.role === 'none') return 'not a kubeadm host';
  if (host.role === 'etcd') return 'etcd alone';
  const kubelet = kubeletVersion(world, host);
  if (host.role === 'worker') return kubelet === undefined ? 'worker' : `worker · kubelet ${kubelet}`;
  const version = podOf(host, 'kube-apiserver')?.version;
  const kubeadm = world.find(kubeadmBinary)?.version;
  const etcd = host.etcd === 'none' ? undefined : `${host.etcd} etcd`;
  return [
    version && `Kubernetes v${version}`,
    kubeadm && `kubeadm ${formatVersion(kubeadm)}`,
    kubelet && `kubelet ${kubelet}`,
    runtimeOf(host.kubelet.containerRuntimeEndpoint),
    etcd,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** As reported by the node to the API; a worker may read its own node. */
function kubeletVersion(world: World, { role, nodeName }: KubeadmHost): string | undefined {
  if (nodeName === undefined) return undefined;
  const listed = world.find(role === 'worker' ? ownNode(nodeName) : nodes);
  return listed?.state === 'answered' ? listed.nodes.find(({ name }) => name === nodeName)?.version : undefined;
}

function runtimeOf(endpoint: string | undefined): string | undefined {
  return /(containerd|crio|cri-dockerd|dockershim)/.exec(endpoint ?? '')?.[1];
}
