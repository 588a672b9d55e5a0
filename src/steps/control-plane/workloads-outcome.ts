import { count } from '../../core/count.ts';
import type { Outcome, PlannedChanges } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { workloads } from '../../facts/api/workloads.ts';
import { otherContainers } from './other-restarts.ts';

/** Checks that the other containers survived the restart: the same ones still run. A job may have finished meanwhile. */
export function workloadsOutcome({ world: before, plan }: PlannedChanges, after: World): Outcome {
  const restarted = otherContainers(before, plan.changes);
  const ran = before.has(workloads) ? [...before.get(workloads)].filter(([id]) => !restarted.has(id)) : [];
  const now = after.get(workloads);
  const ended = ran.filter(([id]) => !now.has(id));
  if (ended.length === 0)
    return ran.length === 0 ? {} : { summary: `${count(ran.length, 'other container')} untouched` };
  const names = ended.map(([id, name]) => `${name} (${id.slice(0, 12)})`).join(', ');
  return {
    summary: `${ran.length - ended.length} of ${ran.length} other containers untouched`,
    warnings: [{ message: `containers besides the control plane have ended meanwhile: ${names}` }],
  };
}
