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
export async function failIfRuntimeDown(context: Pick<ReadContext, 'observe'>, known: World): Promise<void> {
  const refusal = await observedRefusal(context, known);
  if (refusal) throw StepFailure.refused(refusal);
}

async function observedRefusal({ observe }: Pick<ReadContext, 'observe'>, known: World) {
  const socket = runtimeSocketOf(known.get(kubernetesFiles));
  return socket && runtimeRefusal(known.merge(await observe([socket])));
}

/** Asking starts programs on a host that has much to do. */
const RUNTIME_INTERVAL_MS = 5_000;
/** A runtime that is restarted, as by an update of its package, is back by then. */
const RUNTIME_PATIENCE_MS = 30_000;

/**
 * Watches the container runtime while something does not start.
 * @returns a function to be called at each poll. It tells whether the runtime is down, and throws a StepFailure once it stays so:
 * waiting does not help then
 */
export function runtimeWatch(context: Pick<ReadContext, 'observe' | 'now'>): (known: World) => Promise<boolean> {
  let askedAt = context.now().getTime();
  let downSince: number | undefined;
  return async (known) => {
    const now = context.now().getTime();
    if (now - askedAt < RUNTIME_INTERVAL_MS) return downSince !== undefined;
    askedAt = now;
    const refusal = await observedRefusal(context, known);
    downSince = refusal && (downSince ?? now);
    if (refusal && downSince !== undefined && now - downSince >= RUNTIME_PATIENCE_MS)
      throw StepFailure.refused(refusal);
    return refusal !== undefined;
  };
}
