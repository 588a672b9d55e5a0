import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type RuntimeSocket, runtimeSocket } from '../../facts/processes/runtime-socket.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';

/** kubelet itself listens on this socket (before 1.24): it says nothing about docker. */
const DOCKERSHIM = /\/dockershim\.sock$/;

/** The socket of kubelet's container runtime; undefined if it is unknown, or not a socket. */
export function runtimeSocketOf({ kubelet }: KubeadmHost): FactRef<RuntimeSocket> | undefined {
  const path = /^(?:unix:\/\/)?(\/.+)$/.exec(kubelet.containerRuntimeEndpoint ?? '')?.[1];
  return path === undefined || DOCKERSHIM.test(path) ? undefined : runtimeSocket(path);
}

/**
 * Refuses restarts while the container runtime is down: kubelet exits at once without it, and ended pods do not come back,
 * while running containers keep running.
 */
export function runtimeRefusal(world: World): RefusePlan | undefined {
  const host = world.get(kubernetesFiles);
  const socket = runtimeSocketOf(host);
  if (socket === undefined || !world.has(socket) || world.get(socket) !== 'silent') return undefined;
  return {
    action: 'refuse',
    code: 'runtime-down',
    reason: `its container runtime is down (nothing listens on ${host.kubelet.containerRuntimeEndpoint}): restarted processes would not come back`,
    remedy: 'find out why: systemctl status containerd (or crio, cri-docker); start it and run again',
  };
}
