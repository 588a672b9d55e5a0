import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubeletUnit } from '../../facts/processes/kubelet-unit.ts';
import type { Credential } from '../../kubeadm/host/model.ts';

/** Refuses to restart a kubelet that its service manager cannot start; undefined also if that was not observed. */
export function kubeletUnitRefusal(world: World): RefusePlan | undefined {
  const unit = world.find(kubeletUnit);
  if (!unit || unit.state === 'startable') return undefined;
  const refusal = { action: 'refuse', code: 'kubelet-unit' } as const;
  switch (unit.state) {
    case 'masked':
      return {
        ...refusal,
        reason: 'kubelet cannot be started: its unit is masked',
        remedy: 'find out who has masked it, and why; then systemctl unmask kubelet, and run again',
      };
    case 'absent':
      return {
        ...refusal,
        reason: 'kubelet cannot be started: systemd has no kubelet.service',
        remedy: "install the kubelet of the cluster's version with its unit, then run again",
      };
    case 'without program':
      return {
        ...refusal,
        reason: `kubelet cannot be started: its unit starts ${unit.program}, which does not exist or is not executable`,
        remedy:
          "install the kubelet of the cluster's version, or correct the unit (systemctl cat kubelet), then run again",
      };
  }
}

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
