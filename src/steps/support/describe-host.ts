import type { KubeadmHost } from '../../kubeadm/model.ts';

/** `Kubernetes v1.33.13 · containerd · stacked etcd`: what a host is, for the head of its plan. */
export function describeHost(host: KubeadmHost): string {
  if (host.role === 'none') return 'not a kubeadm host';
  if (host.role === 'worker') return 'worker';
  const version = host.staticPods.find(({ component }) => component === 'kube-apiserver')?.version;
  const etcd = host.etcd === 'none' ? undefined : `${host.etcd} etcd`;
  return [version && `Kubernetes v${version}`, runtimeOf(host.kubelet.containerRuntimeEndpoint), etcd]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function runtimeOf(endpoint: string | undefined): string | undefined {
  return /(containerd|crio|cri-dockerd|dockershim)/.exec(endpoint ?? '')?.[1];
}
