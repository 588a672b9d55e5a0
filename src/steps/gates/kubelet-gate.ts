import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { kubeletUnit } from '../../facts/processes/kubelet-unit.ts';
import { processes } from '../../facts/processes/processes.ts';
import type { Credential } from '../../kubeadm/host/model.ts';
import { processesOf } from '../../kubeadm/restarts/reader-process.ts';

/** Refuses to restart a kubelet that would not come back, or not as its node. */
export function kubeletRefusal(world: World): RefusePlan | undefined {
  return unitRefusal(world) ?? nameRefusal(world);
}

/** Its service manager cannot start it; undefined also if that was not observed. */
function unitRefusal(world: World): RefusePlan | undefined {
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
 * It would come back as another node: without `--hostname-override` kubelet takes the name that
 * the host has when it starts (nodeutil.GetHostname), and the API lets it act only as the node of its certificate. The running
 * one was started under the old name, and works. A cloud provider inside kubelet, as before 1.31, gives names of its own.
 */
function nameRefusal(world: World): RefusePlan | undefined {
  const host = world.get(kubernetesFiles);
  const { nodeName } = host;
  const hostname = world.get(system).hostname?.toLowerCase();
  if (hostname === undefined || nodeName === undefined || hostname === nodeName) return undefined;
  const identity = processesOf(host, world.get(processes), 'kubelet')[0]?.identity ?? 'planned';
  if (identity === 'planned' || identity.words.some((word) => NAMING_FLAG.test(word))) return undefined;
  return {
    action: 'refuse',
    code: 'kubelet-name',
    reason: `kubelet would come back as another node: the host is called ${hostname} now, and its node is ${nodeName}`,
    remedy: `give the host its old name again (hostnamectl set-hostname ${nodeName}), or let kubelet keep it (--hostname-override=${nodeName} in KUBELET_KUBEADM_ARGS of /var/lib/kubelet/kubeadm-flags.env, then systemctl restart kubelet); then run again`,
  };
}

/** Flags by which kubelet is called otherwise than its host; an external cloud provider leaves it its name. */
const NAMING_FLAG = /^--(?:hostname-override|cloud-provider(?!=(?:external)?$))(?:=|$)/;

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
