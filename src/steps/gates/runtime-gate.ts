import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { type ReadContext, StepFailure } from '../../core/step.ts';
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
 * Refuses restarts while the container runtime is down or hangs: kubelet exits at once without it or waits for it, and ended pods
 * do not come back, while running containers keep running.
 */
export function runtimeRefusal(world: World): RefusePlan | undefined {
  const host = world.get(kubernetesFiles);
  const socket = runtimeSocketOf(host);
  const state = socket !== undefined && world.has(socket) ? world.get(socket) : 'unknown';
  if (state !== 'silent' && state !== 'hung') return undefined;
  const endpoint = host.kubelet.containerRuntimeEndpoint;
  const how =
    state === 'silent'
      ? `is down (nothing listens on ${endpoint})`
      : `hangs (it listens on ${endpoint}, and does not answer)`;
  return {
    action: 'refuse',
    code: 'runtime-down',
    reason: `its container runtime ${how}: restarted processes would not come back`,
    remedy: `find out why: systemctl status containerd (or crio, cri-docker); ${state === 'silent' ? 'start' : 'restart'} it and run again`,
  };
}

/** Fails before anything is ended if the runtime has gone down since it was planned: with what still runs, the host can be restored. */
export async function failIfRuntimeDown({ observe }: Pick<ReadContext, 'observe'>, known: World): Promise<void> {
  const socket = runtimeSocketOf(known.get(kubernetesFiles));
  const refusal = socket && runtimeRefusal(known.merge(await observe([socket])));
  if (refusal) throw new StepFailure(refusal.code, refusal.reason, { remedy: refusal.remedy });
}
