import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { processes } from '../../facts/processes/processes.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import type { HostProcess } from '../../kubeadm/restarts/reader-process.ts';
import { filesReadBy, isStale, type Reader } from '../../kubeadm/restarts/restart.ts';
import { processOf } from './control-plane-facts.ts';

/**
 * Whether a reader has run since before the changes that are undone, and its files have the content again that it had loaded: their
 * times may be new, but there is nothing to load.
 */
export function isAsBefore(world: World, reader: Reader, before: World | undefined): boolean {
  if (!before?.has(kubernetesFiles) || !before.has(processes)) return false;
  const [running, ran] = [processOf(world, reader), processOf(before, reader)];
  if (!running || !ran || !isSame(running, ran)) return false;
  const hostBefore = before.get(kubernetesFiles);
  if (isStale(hostBefore, ran)) return false;
  const contents = contentsOn(hostBefore);
  return filesReadBy(world.get(kubernetesFiles), reader).every(({ path, sha256, link }) => {
    const old = contents.get(path);
    return old?.sha256 === sha256 && old.link === link;
  });
}

/** They load their kubeconfig when they start, and never again; etcd and the API server look at their files again and again. */
const CONTROLLERS: readonly Reader[] = ['kube-controller-manager', 'kube-scheduler'];

/**
 * Whether a controller has started since the changes that are undone: it may have loaded what they made, and the times of its files,
 * which are the old ones again, do not show that.
 */
export function mayHaveLoadedUndone(world: World, reader: Reader, before: World | undefined): boolean {
  if (!CONTROLLERS.includes(reader) || !before?.has(kubernetesFiles) || !before.has(processes)) return false;
  const [running, ran] = [processOf(world, reader), processOf(before, reader)];
  return running !== undefined && ran !== undefined && !isSame(running, ran);
}

function isSame(one: HostProcess, other: HostProcess): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks;
}

/** Not only what counts for a reader's age: whose link kubelet has made counts for it only since another has replaced it. */
function contentsOn({ credentials, kubelet }: KubeadmHost) {
  const files = [...credentials.flatMap((credential) => credential.files), ...(kubelet.file ? [kubelet.file] : [])];
  return new Map(files.map((file) => [file.path, file]));
}
