import { directoryOf } from '../../core/host-path.ts';
import { type Component, DEFAULT_CERTIFICATES_DIRECTORY } from '../table.ts';
import type { StaticPod } from './model.ts';
import type { RawView } from './raw-view.ts';

/** What names a file that kubeadm keeps in certificatesDir. */
const FLAGS: readonly (readonly [Component, string])[] = [
  ['kube-apiserver', '--client-ca-file'],
  ['kube-apiserver', '--tls-cert-file'],
  ['kube-controller-manager', '--root-ca-file'],
];

/**
 * certificatesDir of kubeadm, an absolute path: the directory of the first of the files that static pods are given and beside which
 * there is a CA, or else of the first of them, or else kubeadm's default.
 */
export function certificatesDirectoryIn(view: RawView, staticPods: readonly StaticPod[]): string {
  const directories = FLAGS.flatMap(([component, flag]) => {
    const path = staticPods.find((pod) => pod.component === component)?.flags.get(flag);
    return path?.startsWith('/') ? [directoryOf(path) || '/'] : [];
  });
  const holding = directories.find((directory) => view.file(`${directory}/ca.crt`));
  return holding ?? directories[0] ?? DEFAULT_CERTIFICATES_DIRECTORY;
}
