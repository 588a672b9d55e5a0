import { count } from '../../core/count.ts';
import { firstEvidence } from '../../core/events/evidence.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';

/**
 * Makes a step refuse hosts on which the session cannot read everything: a file that cannot be read is neither missing nor
 * good, so nothing can be decided.
 */
export function refuseWhenHidden<Params>(step: Step<Params>): Step<Params> {
  return { ...step, plan: (params, world, context) => hiddenRefusal(world) ?? step.plan(params, world, context) };
}

/** How to get a session that may read and write everything. */
export const BECOME_ROOT =
  'become root: -b (--become), or ansible_become: true in the inventory, or become: true in the play';

const AMONG = "of kubeadm's files and directories";

/** Refuses a host if some of kubeadm's files could not be read. */
export function hiddenRefusal(world: World): RefusePlan | undefined {
  const hidden = world.find(kubernetesFiles)?.hidden;
  if (!hidden) return undefined;
  const { user, paths } = hidden;
  return {
    action: 'refuse',
    code: 'not-readable',
    reason: `${count(paths.length, `${AMONG} is`, `${AMONG} are`)} not readable as ${user}`,
    remedy: BECOME_ROOT,
    details: firstEvidence(paths.map((path) => ['not readable', path])),
  };
}
