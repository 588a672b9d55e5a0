import { linkedPath, normalPath } from '../core/host-path.ts';
import type { BackupFile } from './backup-manifest.ts';
import type { KubeadmHost } from './host/model.ts';
import { DEFAULT_KUBELET_PKI, KUBERNETES_DIRECTORY } from './table.ts';

/**
 * Whether a backup of kplay may contain this file: the steps only change files below the directories of Kubernetes, files that
 * this host's manifests and kubeconfigs name, and users' kubeconfigs. Files behind links may be elsewhere.
 */
export function mayBeSaved(host: KubeadmHost, { path, link }: Pick<BackupFile, 'path' | 'link'>): boolean {
  if (path !== normalPath(path) || !isPlace(host, path)) return false;
  if (link === undefined) return true;
  const target = normalPath(linkedPath(path, link));
  return isPlace(host, target) || /[.](crt|key|pem|conf)$/.test(target);
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
