import { formatDuration } from '../../core/duration.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/kubernetes-files.ts';
import { type System, system } from '../../facts/system.ts';
import type { KubeadmHost } from '../../kubeadm/model.ts';
import { COMPONENTS } from '../../kubeadm/table.ts';

/** Certificates that a host believes to lie in the future are not valid there; above this nothing is changed. */
const MAX_CLOCK_SKEW_SECONDS = 60;
const MIN_FREE_KILOBYTES = 16_384;
const MIN_FREE_INODES = 500;

/** Why nothing may be changed on this host at all, whatever the step; undefined when it may. */
export function hostRefusal(world: World, context: PlanContext): RefusePlan | undefined {
  return systemRefusal(world.get(system), context) ?? manifestRefusal(world.get(kubernetesFiles));
}

/** kubelet runs every file of the directory: a copy of a manifest beside the manifest is a second control plane. */
function manifestRefusal({ staticPods, manifestsDirectory }: KubeadmHost): RefusePlan | undefined {
  for (const component of COMPONENTS) {
    const files = staticPods.filter((pod) => pod.component === component).map(({ file }) => file.path);
    if (files.length < 2) continue;
    return {
      action: 'refuse',
      reason: `kubelet runs ${component} ${files.length} times: it takes every file in ${manifestsDirectory}`,
      remedy: 'move all but the right one out of the directory (kubeadm writes COMPONENT.yaml), then run again',
      details: files.map((path) => ['runs', path]),
    };
  }
  return undefined;
}

function systemRefusal(seen: System, context: PlanContext): RefusePlan | undefined {
  const skew = seen.clock - context.observedAt.getTime() / 1000;
  if (Math.abs(skew) > MAX_CLOCK_SKEW_SECONDS) {
    return {
      action: 'refuse',
      reason: `its clock is ${formatDuration(Math.abs(skew) * 1000)} ${skew > 0 ? 'ahead of' : 'behind'} this machine's`,
      remedy:
        'set the clock (chronyc makestep, or timedatectl set-ntp true) and run again: certificates signed now would not be valid there',
    };
  }
  if (seen.uid !== 0 && seen.kubernetesWritable !== true) {
    return {
      action: 'refuse',
      reason: 'the session is not root and cannot write /etc/kubernetes',
      remedy: 'set become: true in the play, or run with --become',
    };
  }
  if (seen.kubernetesWritable === false) {
    return {
      action: 'refuse',
      reason: '/etc/kubernetes cannot be written: its file system is read-only',
      remedy: 'look at dmesg for disk errors, then: mount -o remount,rw /',
    };
  }
  const full = seen.space.find(
    ({ freeKilobytes, freeInodes }) => freeKilobytes < MIN_FREE_KILOBYTES || (freeInodes ?? Infinity) < MIN_FREE_INODES,
  );
  if (!full) return undefined;
  const inodes = full.freeInodes === undefined ? '' : `, ${full.freeInodes} inodes`;
  return {
    action: 'refuse',
    reason: `${full.path} has no room: ${full.freeKilobytes} kB${inodes} free`,
    remedy: 'free some space first: journalctl --vacuum-size=100M, crictl rmi --prune',
  };
}
