import { baseName } from '../../core/host-path.ts';
import type { OtherManifest, StaticPod } from './model.ts';
import { asidePath, originalPath } from './raw-files.ts';
import type { RawView } from './raw-view.ts';
import { podIn, readStaticPod } from './static-pod.ts';

/** kubeadm's static pods among the manifests of a host, and those that an interrupted restart has left out of kubelet's sight. */
export function staticPodsIn(view: RawView): readonly StaticPod[] {
  const pods = view.manifests().flatMap(({ state, text }) => {
    const pod = text !== undefined && !ignoredByKubelet(state.path) ? readStaticPod(state, text) : undefined;
    return pod ?? [];
  });
  const present = new Set(pods.map(({ component }) => component));
  return [...pods, ...parkedPods(view).filter(({ component }) => !present.has(component))];
}

function parkedPods(view: RawView): readonly StaticPod[] {
  const directory = asidePath(`${view.manifestsDirectory}/`);
  return [...view.all()].flatMap(({ state, text }): readonly StaticPod[] => {
    if (text === undefined || !state.path.startsWith(directory)) return [];
    const pod = readStaticPod({ ...state, path: originalPath(state.path) }, text);
    return pod ? [{ ...pod, parked: true }] : [];
  });
}

/** What else kubelet takes from the directory, as far as it can be read. */
export function otherManifestsIn(view: RawView, staticPods: readonly StaticPod[]): readonly OtherManifest[] {
  const known = new Set(staticPods.map(({ file }) => file.path));
  return view
    .manifests()
    .flatMap(({ state, text = '' }) =>
      known.has(state.path) || ignoredByKubelet(state.path) || view.isHidden(state.path)
        ? []
        : [{ ...state, pod: podIn(text) }],
    );
}

/** kubelet passes over names that begin with a dot (pkg/kubelet/config/file_linux.go). */
function ignoredByKubelet(path: string): boolean {
  return baseName(path).startsWith('.');
}
