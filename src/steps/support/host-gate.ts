import { formatDuration } from '../../core/duration.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { PlanContext } from '../../core/step.ts';
import type { System } from '../../facts/system.ts';

/** Certificates that a host believes to lie in the future are not valid there; above this nothing is changed. */
const MAX_CLOCK_SKEW_SECONDS = 60;
const MIN_FREE_KILOBYTES = 16_384;
const MIN_FREE_INODES = 500;

/** Why nothing may be changed on this host at all, whatever the step; undefined when it may. */
export function hostRefusal(system: System, context: PlanContext): RefusePlan | undefined {
  const skew = system.clock - context.observedAt.getTime() / 1000;
  if (Math.abs(skew) > MAX_CLOCK_SKEW_SECONDS) {
    return {
      action: 'refuse',
      reason: `its clock is ${formatDuration(Math.abs(skew) * 1000)} ${skew > 0 ? 'ahead of' : 'behind'} this machine's`,
      remedy:
        'set the clock (chronyc makestep, or timedatectl set-ntp true) and run again: certificates signed now would not be valid there',
    };
  }
  if (system.uid !== 0 && system.kubernetesWritable !== true) {
    return {
      action: 'refuse',
      reason: 'the session is not root and cannot write /etc/kubernetes',
      remedy: 'set become: true in the play, or run with --become',
    };
  }
  if (system.kubernetesWritable === false) {
    return {
      action: 'refuse',
      reason: '/etc/kubernetes cannot be written: its file system is read-only',
      remedy: 'look at dmesg for disk errors, then: mount -o remount,rw /',
    };
  }
  const full = system.space.find(
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
