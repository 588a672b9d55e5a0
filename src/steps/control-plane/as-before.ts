import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { processes } from '../../facts/processes/processes.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import type { HostProcess } from '../../kubeadm/restarts/reader-process.ts';
import { filesReadBy, newerFile, type Reader, unloadedFile } from '../../kubeadm/restarts/restart.ts';
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
  if (unloadedFile(hostBefore, ran)) return false;
  const contents = contentsOn(hostBefore);
  return filesReadBy(world.get(kubernetesFiles), reader).every(({ path, sha256, link }) => {
    const old = contents.get(path);
    return old?.sha256 === sha256 && old.link === link;
  });
}

/** They load their kubeconfig when they start, and never again; etcd and the API server look at their files again and again. */
const CONTROLLERS: readonly Reader[] = ['kube-controller-manager', 'kube-scheduler'];

/**
 * Whether a controller, or kubelet, has started since the changes that are undone: it may have loaded what they made. The times of a
 * controller's files, which are the old ones again, do not show that; and those of kubelet's serving pair count only here, because kubelet
 * itself writes that after its start.
 */
export function mayHaveLoadedUndone(world: World, reader: Reader, before: World | undefined): boolean {
  if (!before?.has(kubernetesFiles) || !before.has(processes)) return false;
  const [running, ran] = [processOf(world, reader), processOf(before, reader)];
  if (!running || !ran || isSame(running, ran)) return false;
  return CONTROLLERS.includes(reader) || (reader === 'kubelet' && isServingPutBack(world, running, before));
}

/** Whether kubelet's own serving pair has become the old one again since kubelet started. */
function isServingPutBack(world: World, running: HostProcess, before: World): boolean {
  const pairIn = (known: World) =>
    known.get(kubernetesFiles).credentials.find(({ name }) => name === 'kubelet-server')?.files ?? [];
  const old = new Map(pairIn(before).map(({ path, sha256 }) => [path, sha256]));
  return (
    newerFile(
      pairIn(world).filter(({ path, sha256 }) => old.get(path) === sha256),
      running,
    ) !== undefined
  );
}

function isSame(one: HostProcess, other: HostProcess): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks;
}

/** Not only what counts for a reader's age: whose link kubelet has made counts for it only since another has replaced it. */
function contentsOn({ credentials, kubelet }: KubeadmHost) {
  const files = [...credentials.flatMap((credential) => credential.files), ...(kubelet.file ? [kubelet.file] : [])];
  return new Map(files.map((file) => [file.path, file]));
}
