import { baseName, linkedPath, normalPath } from '../../core/host-path.ts';
import type { CredentialName } from '../table.ts';
import { podIn } from './manifest.ts';
import type { Credential, OtherManifest, StaticPod } from './model.ts';
import { type FileAccess, podFilesIn } from './pod-files.ts';
import { asidePath, originalPath } from './raw-files.ts';
import type { RawView } from './raw-view.ts';
import { readStaticPod } from './static-pod.ts';

/**
 * kubeadm's static pods among the manifests of a host, including those that an interrupted restart has left hidden from
 * kubelet.
 */
export function staticPodsIn(view: RawView): readonly StaticPod[] {
  const pods = view.manifests().flatMap(({ state, text }) => {
    const pod = text !== undefined && !ignoredByKubelet(state.path) ? readStaticPod(state, text) : undefined;
    return pod ?? [];
  });
  const present = new Set(pods.map(({ component }) => component));
  const all = [...pods, ...parkedPods(view).filter(({ component }) => !present.has(component))];
  // Its volumes may name where /etc/kubernetes really is.
  return all.map(({ kubeconfig, sniFiles, ...pod }) => ({
    ...pod,
    ...(kubeconfig !== undefined && { kubeconfig: view.ownPath(kubeconfig) }),
    ...(sniFiles && { sniFiles: sniFiles.map((path) => view.ownPath(path)) }),
  }));
}

function parkedPods(view: RawView): readonly StaticPod[] {
  const directory = asidePath(`${view.manifestsDirectory}/`);
  return [...view.all()].flatMap(({ state, text }): readonly StaticPod[] => {
    if (text === undefined || !state.path.startsWith(directory)) return [];
    const pod = readStaticPod({ ...state, path: originalPath(state.path) }, text);
    return pod ? [{ ...pod, parked: true }] : [];
  });
}

/** The other files that kubelet takes from the directory, as far as they can be read. */
export function otherManifestsIn(
  view: RawView,
  staticPods: readonly StaticPod[],
  credentials: readonly Credential[],
): readonly OtherManifest[] {
  const known = new Set(staticPods.map(({ file }) => file.path));
  return view.manifests().flatMap(({ state, text = '' }): readonly OtherManifest[] => {
    if (known.has(state.path) || ignoredByKubelet(state.path) || view.isHidden(state.path)) return [];
    const { containers, uid, accessTo } = podFilesIn(text);
    const withAccess = (access: FileAccess): readonly CredentialName[] =>
      credentials
        // kubelet renews its own certificates by itself, so whatever uses them has to follow anyway.
        .filter(({ kind }) => kind !== 'kubelet')
        .filter((credential) => strongestAccess(pathsOf(credential, view).map(accessTo)) === access)
        .map(({ name }) => name);
    return [
      {
        ...state,
        pod: podIn(text),
        podId: uid,
        containers,
        reads: withAccess('reads'),
        mayRead: withAccess('may read'),
      },
    ];
  });
}

/** The strongest access that a pod has to any of the files. */
function strongestAccess(all: readonly FileAccess[]): FileAccess {
  return (['reads', 'may read'] as const).find((access) => all.includes(access)) ?? 'none';
}

/** The paths by which a volume may name it: links and their targets, also by where /etc/kubernetes really is. */
function pathsOf({ certificatePath, keyPath, files }: Credential, view: RawView): readonly string[] {
  const targets = files.flatMap(({ path, link }) => (link === undefined ? [] : [normalPath(linkedPath(path, link))]));
  const paths = [certificatePath, keyPath, ...targets];
  return [...new Set([...paths, ...paths.map((path) => view.realPath(path))])];
}

/** kubelet ignores names that begin with a dot (pkg/kubelet/config/file_linux.go). */
function ignoredByKubelet(path: string): boolean {
  return baseName(path).startsWith('.');
}
