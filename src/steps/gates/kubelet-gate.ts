import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { kubeletUnit } from '../../facts/processes/kubelet-unit.ts';
import { processes } from '../../facts/processes/processes.ts';
import { KUBELET_KUBECONFIG } from '../../kubeadm/host/kubelet-files.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { asidePath } from '../../kubeadm/host/raw-files.ts';
import { processesOf } from '../../kubeadm/restarts/reader-process.ts';
import { readersOf } from '../../kubeadm/restarts/restart.ts';

/** Refuses to restart a kubelet that would not come back, or not as its node. */
export function kubeletRefusal(world: World): RefusePlan | undefined {
  return unitRefusal(world) ?? nameRefusal(world);
}

/**
 * Refuses to change a host whose kubelet.conf is not understood: what kubelet reads is not known, it may not be able to start, and
 * nobody else would start static pods again.
 */
export function kubeletConfRefusal({ kubelet, role }: KubeadmHost): RefusePlan | undefined {
  if (kubelet.unreadable === undefined) return undefined;
  // The node is not named: nothing proves what a host says of itself.
  const anew =
    role === 'control-plane'
      ? 'move it away and make a new one: kubeadm init phase kubeconfig kubelet --node-name NODE'
      : 'make a new one on a master, and if there is a load balancer, put its address into it: (umask 077; kubeadm kubeconfig user --org system:nodes --client-name system:node:NODE >NODE.conf)';
  return {
    action: 'refuse',
    code: 'kubelet-conf',
    reason: `kubelet.conf cannot be read: ${kubelet.unreadable}`,
    remedy: `restore ${KUBELET_KUBECONFIG} from a backup (kplay rollback), or ${anew}; then restart kubelet, and run again`,
  };
}

const CONF_ASIDE = `kubelet.conf is not in its place, but at ${asidePath(KUBELET_KUBECONFIG)}`;
const CONF_REPLACED = `kubelet.conf is at ${asidePath(KUBELET_KUBECONFIG)}, and in its place one with which kubelet asks for a certificate`;
const WHY_ASIDE = 'a bootstrap of kubelet has moved it there and is not over, or was cut off and could not put it back';
const PUT_CONF_BACK =
  'if no run works on the host: renew the certificates (kplay run renew-certs.yml -i INVENTORY), which puts it back first, or restore a backup (kplay rollback -i INVENTORY -l HOST)';

/** Refuses to prove a worker while kubelet.conf is aside: what is aside is removed after a proof. */
export function confAsideRefusal(host: KubeadmHost): RefusePlan | undefined {
  const { kubelet } = host;
  if (!kubelet.aside) return undefined;
  const reason = `${kubelet.isAsking ? CONF_REPLACED : CONF_ASIDE}: ${WHY_ASIDE}`;
  const unreadable = kubeletConfRefusal(host);
  if (unreadable) return { ...unreadable, reason: `${reason}; ${unreadable.reason}` };
  return { action: 'refuse', code: 'kubelet-conf', reason, remedy: PUT_CONF_BACK };
}

/** Refuses to stop static pods where no kubelet runs that would start them again, and none is restarted with them. */
export function noKubeletRefusal(world: World, targets: readonly string[]): RefusePlan | undefined {
  const host = world.get(kubernetesFiles);
  const table = world.get(processes);
  if (targets.length === 0 || readersOf(host).includes('kubelet')) return undefined;
  if (!table.visible || processesOf(host, table, 'kubelet').length > 0) return undefined;
  return {
    action: 'refuse',
    code: 'kubelet-conf',
    reason: `no kubelet runs, and ${KUBELET_KUBECONFIG} names no certificate with which one could: nobody would start ${targets.join(', ')} again`,
    remedy: `restore ${KUBELET_KUBECONFIG} from a backup (kplay rollback), or start the kubelet of this host in its own way; then run again`,
  };
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
