import { baseName } from '../../core/host-path.ts';
import type { FileState, KubeadmHost, OtherManifest } from '../host/model.ts';
import type { ContainerIdentity, HostProcess } from './reader-process.ts';
import { newerFile } from './restart.ts';

/** The first process of a container of a static pod. */
export interface PodProcess extends HostProcess {
  readonly container: ContainerIdentity & { readonly pod: string };
  /** Names of the directories of logs that kubelet keeps for its pod: `kube-system_kube-vip-master-1`. */
  readonly logs: readonly string[];
}

/** The containers that run on a host in static pods, without the one that holds a pod together. */
export interface PodTable {
  /** All can be seen, and ended: what is not among them does not run. */
  readonly visible: boolean;
  readonly processes: readonly PodProcess[];
}

/** A static pod that kubeadm does not know, and that reads, when it starts, what a renewal makes anew. */
export interface OtherReader extends OtherManifest {
  readonly pod: string;
}

/** kube-vip, as a rule: it takes part in the election of who has the address of the API, with admin.conf. */
export function otherReadersOf({ otherManifests }: KubeadmHost): readonly OtherReader[] {
  return otherManifests.flatMap((manifest) =>
    manifest.pod !== undefined && manifest.reads.length > 0 ? [{ ...manifest, pod: manifest.pod }] : [],
  );
}

export function filesReadByOther({ credentials }: KubeadmHost, { reads }: OtherReader): readonly FileState[] {
  return credentials.filter(({ name }) => reads.includes(name)).flatMap(({ files }) => files);
}

/**
 * The processes of a static pod, one for each of its containers that run. kubelet makes the id of a static pod from its manifest, in a
 * way that changes between versions; so the pod is known by its containers, and by its name where kubelet keeps logs under that.
 */
export function processesOfOther(
  { processes }: PodTable,
  { pod, podId, containers }: OtherReader,
): readonly PodProcess[] {
  const logged = `${pod.replace('/', '_')}-`;
  return processes.filter(
    ({ container, logs }) =>
      (podId === undefined ? /^[0-9a-f]{32}$/.test(container.pod) : container.pod === podId) &&
      container.names.length + logs.length > 0 &&
      container.names.every((name) => containers.includes(name)) &&
      (logs.length === 0 || logs.some((name) => name.startsWith(logged))),
  );
}

/** Those of its processes that may be older than a file which the pod reads. */
export function staleProcessesOf(host: KubeadmHost, table: PodTable, reader: OtherReader): readonly PodProcess[] {
  const files = filesReadByOther(host, reader);
  return processesOfOther(table, reader).filter((process) => newerFile(files, process));
}

/** Why a static pod has to be restarted; undefined when all of it that runs has loaded what is on disk. */
export function otherStaleness(host: KubeadmHost, table: PodTable, reader: OtherReader): string | undefined {
  const [stale] = staleProcessesOf(host, table, reader);
  const file = stale && newerFile(filesReadByOther(host, reader), stale);
  if (!file) return undefined;
  const name = baseName(file.path);
  return file.modifiedAt === Number.POSITIVE_INFINITY ? `reads the new ${name}` : `is older than ${name}`;
}
