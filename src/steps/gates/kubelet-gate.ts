import type { RefusePlan } from '../../core/plan.ts';
import type { Credential } from '../../kubeadm/host/model.ts';

/**
 * Why a kubelet's client certificate is not replaced: kubelet keeps a rotated certificate and its key in one file, and a new
 * one is placed like that. A kubelet that reads two files would find the new certificate and the old key.
 */
export function separateKeyRefusal(kubelet: Credential | undefined): RefusePlan | undefined {
  if (!kubelet || kubelet.certificatePath === kubelet.keyPath) return undefined;
  return {
    action: 'refuse',
    code: 'kubelet-key-apart',
    reason: `kubelet's certificate is due, and its key is in another file: ${kubelet.certificatePath} and ${kubelet.keyPath}`,
    remedy:
      'have both replaced by whoever maintains them, or put both into /var/lib/kubelet/pki/kubelet-client-current.pem and name that file as client-certificate and client-key in kubelet.conf; then run again',
  };
}
