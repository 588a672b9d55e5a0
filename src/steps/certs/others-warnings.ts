import type { PlanWarning } from '../../core/plan.ts';
import { assess, type DueRule } from '../../kubeadm/certificates/due.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';

/** The warning about a certificate that others sign and have to renew. */
export function othersWarning(credential: Credential, rule: DueRule): PlanWarning {
  const { name, certificatePath, isOthers } = credential;
  const { reason } = assess(credential, { ...rule, elsewhere: true });
  const why = isOthers ? `its manifest names ${certificatePath}` : 'etcd is external: its CA key is not here';
  return { message: `${name} is not renewed: ${reason}, and ${why}`, remedy: othersRemedy(credential) };
}

/** Who renews a certificate that others sign, and how. */
export function othersRemedy({ isOthers }: Credential): string {
  return isOthers
    ? 'get a new one from its issuer, replace the file, and restart what reads it'
    : 'kplay certs csr -i INVENTORY --out DIR --etcd-client writes a request for it; have it signed by the CA of etcd, then run: kplay certs install DIR -i INVENTORY';
}

/** Warnings about empty kubeconfigs: `kubeadm certs renew` fails for one, and what mounts it cannot use it. */
export function emptyWarnings({ leftEmpty }: KubeadmHost): readonly PlanWarning[] {
  return leftEmpty.map((path) => ({
    message: `${path} is empty, and is left so: kubeadm makes it only on the master of kubeadm init, and ends with an error when it is to renew all`,
    remedy:
      'if a pod mounts it (kubelet then makes an empty file), let its manifest name admin.conf; then remove the file. If it was lost here: remove it, then kubeadm init phase kubeconfig super-admin',
  }));
}
