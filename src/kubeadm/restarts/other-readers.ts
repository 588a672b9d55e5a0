import { baseName } from '../../core/host-path.ts';
import { isToBeWritten } from '../certificates/transition.ts';
import type { FileState, KubeadmHost, OtherManifest } from '../host/model.ts';
import { type ContainerIdentity, type HostProcess, mayBeOfManifest } from './reader-process.ts';
import { newerFile } from './restart.ts';

/** The first process of a container of a static pod. */
export interface PodProcess extends HostProcess {
  readonly container: ContainerIdentity & { readonly pod: string };
  /** Names of the log directories that kubelet keeps for its pod: `kube-system_kube-vip-master-1`. */
  readonly logs: readonly string[];
}

/** The containers of static pods that run on a host, without the sandbox containers. */
export interface PodTable {
  /** All of them are visible and can be ended: one that is not listed does not run. */
  readonly visible: boolean;
  readonly processes: readonly PodProcess[];
}

/** A static pod outside of kubeadm's that loads renewed files when it starts. */
export interface OtherReader extends OtherManifest {
  readonly pod: string;
}

/** Usually kube-vip: it uses admin.conf to take part in the election for the address of the API. */
export function otherReadersOf({ otherManifests }: KubeadmHost): readonly OtherReader[] {
  return otherManifests.flatMap((manifest) =>
    manifest.pod !== undefined && manifest.reads.length > 0 ? [{ ...manifest, pod: manifest.pod }] : [],
  );
}

/** The files of the credentials that a pod loads when it starts. */
export function filesReadByOther({ credentials }: KubeadmHost, { reads }: OtherReader): readonly FileState[] {
  return credentials.filter(({ name }) => reads.includes(name)).flatMap(({ files }) => files);
}

/**
 * The processes of a static pod, one for each running container. How kubelet derives the id of a static pod from its manifest
 * changes between versions; so the pod is identified by its containers, and by its name if kubelet keeps logs under it.
 */
export function processesOfOther(
  { processes }: PodTable,
  { pod, podId, containers }: OtherReader,
): readonly PodProcess[] {
  const logged = `${pod.replace('/', '_')}-`;
  return processes.filter(
    ({ container, logs }) =>
      mayBeOfManifest(container.pod, podId) &&
      container.names.length + logs.length > 0 &&
      container.names.every((name) => containers.includes(name)) &&
      (logs.length === 0 || logs.some((name) => name.startsWith(logged))),
  );
}

/** The processes that may be older than a file which the pod reads. */
export function staleProcessesOf(host: KubeadmHost, table: PodTable, reader: OtherReader): readonly PodProcess[] {
  const files = filesReadByOther(host, reader);
  return processesOfOther(table, reader).filter((process) => newerFile(files, process));
}

/** Why a static pod has to be restarted; undefined if all of its processes have loaded the current files. */
export function otherStaleness(host: KubeadmHost, table: PodTable, reader: OtherReader): string | undefined {
  const [stale] = staleProcessesOf(host, table, reader);
  const file = stale && newerFile(filesReadByOther(host, reader), stale);
  if (!file) return undefined;
  const name = baseName(file.path);
  return isToBeWritten(file) ? `reads the new ${name}` : `is older than ${name}`;
}
