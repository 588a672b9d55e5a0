import type { Change, PlanWarning } from '../../core/plan.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { staticPodProcesses } from '../../facts/processes/static-pod-processes.ts';
import { isToBeWritten } from '../../kubeadm/certificates/transition.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import {
  filesReadByOther,
  type OtherReader,
  otherReadersOf,
  otherStaleness,
  type PodProcess,
  processesOfOther,
  staleProcessesOf,
} from '../../kubeadm/restarts/other-readers.ts';
import { filesFromFuture } from '../../kubeadm/restarts/restart.ts';
import { awaitNewer } from './await-provable.ts';
import { restartChange } from './restart-state.ts';
import { endContainers } from './stop-reader.ts';

/**
 * After the API servers, which these pods need when they start, and before the kubelets of workers, which may need such a pod
 * to reach the API: kube-vip provides its address.
 */
export const OTHERS_STAGE = 'other static pods';

/** Restarts of other static pods that have read files which were, or will be, renewed. */
export function otherRestartsIn(world: World): readonly Change[] {
  const host = world.get(kubernetesFiles);
  return otherReadersOf(host).flatMap((reader): readonly Change[] => {
    const table = world.get(staticPodProcesses);
    const reason = table.visible ? otherStaleness(host, table, reader) : undefined;
    return reason === undefined ? [] : [restartChange(reader.pod, reason, OTHERS_STAGE)];
  });
}

/** All restarts in order: `others` go before the first of `own` in the stage `later`. */
export function withOthers(own: readonly Change[], others: readonly Change[], later: string): readonly Change[] {
  const at = own.findIndex(({ stage }) => stage === later);
  return at < 0 ? [...own, ...others] : own.toSpliced(at, 0, ...others);
}

/** Warns about pods that have read files to be renewed, on hosts that hide their processes: they cannot be restarted. */
export function hiddenOthersWarnings(world: World): readonly PlanWarning[] {
  const host = world.get(kubernetesFiles);
  return otherReadersOf(host)
    .filter((reader) => !world.get(staticPodProcesses).visible && filesReadByOther(host, reader).some(isToBeWritten))
    .map(({ pod, path, reads }) => ({
      message: `${pod} (${path}) reads ${reads.join(', ')}, and whether it runs cannot be seen: it is not restarted`,
      remedy:
        'restart it as soon as the API server is back (crictl stop CONTAINER): what it has loaded stays the old one',
    }));
}

/** The world after the containers that these changes restart have ended. */
export function withOthersRestarted(world: World, changes: readonly Change[]): World {
  const ending = endingIn(world, changes);
  if (ending.length === 0) return world;
  const table = world.get(staticPodProcesses);
  return world.set(staticPodProcesses, {
    ...table,
    processes: table.processes.filter((process) => !ending.includes(process)),
  });
}

/** Ids of the containers that these changes restart. */
export function otherContainers(world: World, changes: readonly Change[]): ReadonlySet<string> {
  return new Set(endingIn(world, changes).map(({ container }) => container.id));
}

function endingIn(world: World, changes: readonly Change[]): readonly PodProcess[] {
  const host = world.get(kubernetesFiles);
  return otherReadersOf(host)
    .filter(({ pod }) => changes.some(({ target }) => target === pod))
    .flatMap((reader) => staleProcessesOf(host, world.get(staticPodProcesses), reader));
}

const FACTS = [kubernetesFiles, staticPodProcesses, system] as const;

/** Ends the containers of a pod that have read old files, so that kubelet starts them again. What fails is a warning. */
export function restartOther(context: WriteContext, pod: string): Promise<readonly PlanWarning[]> {
  return orWarning(`${pod}: `, () => endStale(context, pod));
}

async function endStale(context: WriteContext, pod: string): Promise<void> {
  const world = await context.observe(FACTS);
  const host = world.get(kubernetesFiles);
  const reader = readerOf(host, pod);
  const stale = reader ? staleProcessesOf(host, world.get(staticPodProcesses), reader) : [];
  if (!reader || stale.length === 0) return;
  await awaitNewer(context, world, pod, filesReadByOther(host, reader));
  context.report(`${pod}: restarting`);
  await endContainers(context, stale);
}

function readerOf(host: KubeadmHost, pod: string): OtherReader | undefined {
  return otherReadersOf(host).find((candidate) => candidate.pod === pod);
}

/**
 * A failure with such a pod is only a warning: restoring the old certificates of the host would take the cluster down again, and
 * not help the pod.
 */
async function orWarning(prefix: string, work: () => Promise<void>): Promise<readonly PlanWarning[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    return [
      {
        message: `${prefix}${[error.message, ...error.details.map(([, text]) => text)].join(': ')}`,
        remedy: 'find out why: crictl ps -a, crictl logs CONTAINER, journalctl -u kubelet -n 50',
      },
    ];
  }
}

/**
 * Waits until a pod runs with the files on disk. A timeout is a warning. `before` is the world in which the restart was planned: a
 * container that is still the same has not ended when it was told to, which `restartOther` has warned about.
 */
export function proveOther(
  context: WriteContext,
  pod: string,
  timeoutMs: number,
  before: World,
): Promise<readonly PlanWarning[]> {
  const old = new Set(before.get(staticPodProcesses).processes.map(({ container }) => container.id));
  return orWarning('', () =>
    context.waitFor(pod, timeoutMs, async () => {
      const world = await context.observe(FACTS);
      const host = world.get(kubernetesFiles);
      const table = world.get(staticPodProcesses);
      const reader = readerOf(host, pod);
      if (!reader) return { done: true, value: undefined };
      const stale = otherStaleness(host, table, reader);
      if (stale !== undefined) {
        // The clock was set back after the restart: the files get the present time, and the pod is restarted once more.
        const ahead = filesFromFuture(filesReadByOther(host, reader), world.get(system).clock);
        if (ahead.length > 0) await endStale(context, pod);
        else if (staleProcessesOf(host, table, reader).some(({ container }) => old.has(container.id)))
          return { done: true, value: undefined };
        return { done: false, state: `${pod} ${stale}` };
      }
      if (processesOfOther(table, reader).length > 0) return { done: true, value: undefined };
      return { done: false, state: `${pod} is not running` };
    }),
  );
}
