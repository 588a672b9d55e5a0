import { linkedPath, normalPath } from '../core/host-path.ts';
import type { BackupFile } from './backup-manifest.ts';
import type { KubeadmHost } from './host/model.ts';
import { DEFAULT_KUBELET_PKI, KUBERNETES_DIRECTORY } from './table.ts';

/**
 * Whether a backup of kplay may contain a file at this path: the steps only change files below the directories of Kubernetes, files
 * that this host's manifests and kubeconfigs name, and users' kubeconfigs. Files behind links may be elsewhere.
 */
export function mayBeSaved(host: KubeadmHost, path: string): boolean {
  return path === normalPath(path) && isPlace(host, path);
}

/**
 * Where a link of a backup leads if a restore must not write there, because neither the directory nor the name is one of a certificate,
 * a key or a kubeconfig. The link itself can be restored: a renewal puts a file in its place, and leaves what it leads to as it is.
 */
export function targetElsewhere(host: KubeadmHost, { path, link }: BackupFile): string | undefined {
  if (link === undefined) return undefined;
  const target = linkedPath(path, link);
  return isPlace(host, normalPath(target)) || /[.](crt|key|pem|conf)$/.test(target) ? undefined : target;
}

function isPlace(host: KubeadmHost, path: string): boolean {
  const directories = [
    KUBERNETES_DIRECTORY,
    DEFAULT_KUBELET_PKI,
    host.certificatesDirectory,
    host.manifestsDirectory,
  ].map((directory) => `${normalPath(directory)}/`);
  return (
    directories.some((directory) => path.startsWith(directory)) ||
    path.endsWith('/.kube/config') ||
    host.credentials.some(({ certificatePath, keyPath }) => path === certificatePath || path === keyPath)
  );
}
