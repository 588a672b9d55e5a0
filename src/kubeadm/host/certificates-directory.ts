import { directoryOf } from '../../core/host-path.ts';
import { type Component, DEFAULT_CERTIFICATES_DIRECTORY } from '../table.ts';
import type { StaticPod } from './model.ts';
import type { RawView } from './raw-view.ts';

/** The flags that name files in kubeadm's certificatesDir. */
const FLAGS: readonly (readonly [Component, string])[] = [
  ['kube-apiserver', '--client-ca-file'],
  ['kube-apiserver', '--tls-cert-file'],
  ['kube-controller-manager', '--root-ca-file'],
];

/**
 * kubeadm's certificatesDir, as an absolute path: the directory of the first file in these flags that has a CA beside it, or
 * else of the first file, or else kubeadm's default.
 */
export function certificatesDirectoryIn(view: RawView, staticPods: readonly StaticPod[]): string {
  const directories = FLAGS.flatMap(([component, flag]) => {
    const path = staticPods.find((pod) => pod.component === component)?.flags.get(flag);
    return path?.startsWith('/') ? [directoryOf(path) || '/'] : [];
  });
  const holding = directories.find((directory) => view.file(`${directory}/ca.crt`));
  return holding ?? directories[0] ?? DEFAULT_CERTIFICATES_DIRECTORY;
}
