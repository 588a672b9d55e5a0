import { count } from '../../core/count.ts';
import { type Outcome, type PlannedChanges, StepFailure, type WriteContext } from '../../core/step.ts';
import { type Workloads, workloads } from '../../facts/api/workloads.ts';
import { otherContainers } from './other-restarts.ts';

/**
 * Looks whether the other containers survived the restart: the same ones still run. A job may have finished meanwhile. What was
 * restarted is proven already, so a host that does not tell is a warning.
 */
export async function workloadsOutcome(
  context: Pick<WriteContext, 'observe'>,
  { world: before, plan }: PlannedChanges,
): Promise<Outcome> {
  let now: Workloads;
  try {
    now = (await context.observe([workloads])).get(workloads);
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    return { warnings: [{ message: `whether the other containers still run is not known: ${error.message}` }] };
  }
  if (!before.has(workloads)) return {};
  const then = before.get(workloads);
  if (then === 'too many' || now === 'too many')
    return { summary: 'other containers not compared: the host has too many' };
  return comparison(then, now, otherContainers(before, plan.changes));
}

type Containers = Exclude<Workloads, 'too many'>;

function comparison(then: Containers, now: Containers, restarted: ReadonlySet<string>): Outcome {
  const ran = [...then].filter(([id]) => !restarted.has(id));
  const ended = ran.filter(([id]) => !now.has(id));
  if (ended.length === 0)
    return ran.length === 0 ? {} : { summary: `${count(ran.length, 'other container')} untouched` };
  const names = ended.map(([id, name]) => `${name} (${id.slice(0, 12)})`).join(', ');
  return {
    summary: `${ran.length - ended.length} of ${ran.length} other containers untouched`,
    warnings: [{ message: `containers besides the control plane have ended meanwhile: ${names}` }],
  };
}
