import type { Step } from '../../core/step.ts';
import type { HostTaskPlan } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { skippedResult } from '../program/registered.ts';
import type { Verdict, Verdicts } from '../walk/request.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';
import { takeBack } from './take-back.ts';

const REASON = 'skipped: the answer to --step was no';

const BETWEEN = {
  code: 'declined-between',
  reason: 'the answer to --step was no, but the host is in the middle of a change that has to be completed',
  remedy: 'run again, and answer yes to the tasks that belong together: delete, regenerate, restart',
} as const;

/** Whether a task is to be done. Of one that has nothing to do on any of its hosts nothing is asked. */
export async function isAskedFor(
  { askBefore }: PlayExecution,
  { ref, step }: CompiledTask,
  hosts: readonly HostRun[],
  plans: ReadonlyMap<string, HostTaskPlan>,
): Promise<boolean> {
  if (!askBefore || !hosts.some(({ name }) => isWork(plans.get(name), step))) return true;
  return askBefore(
    ref,
    hosts.map(({ name }) => name),
  );
}

/** What was not planned, as what only the run has included, or is not known yet, may be something, unless its step only tells. */
function isWork(planned: HostTaskPlan | undefined, { apply, check }: Step): boolean {
  const action = planned?.plan.action ?? 'unknown';
  return action === 'unknown' ? apply !== undefined || check !== undefined : action !== 'none' && action !== 'skip';
}

/**
 * Leaves a task out that the user declined (`--step`): it counts as skipped. A host on which a change is half done, which this task or
 * a later one would complete, is refused and restored instead.
 */
export async function leaveOut(
  execution: PlayExecution,
  { ref, register }: CompiledTask,
  hosts: readonly HostRun[],
): Promise<Verdicts> {
  const { emit } = execution.tools;
  emit({ type: 'task-started', task: ref, hosts: hosts.map(({ name }) => name) });
  const verdicts = new Map<string, Verdict>();
  for (const host of hosts) {
    const end = { type: 'task-finished', task: ref, host: host.name, changes: [], elapsedMs: 0 } as const;
    if (host.isArmed || host.mayBePartlyChanged) {
      host.leave('refused', ref);
      emit({ ...end, outcome: 'refused', ...BETWEEN });
      verdicts.set(host.name, 'refused');
      continue;
    }
    if (register !== undefined) {
      const registered = new Map([...host.state.registered, [register, skippedResult(REASON)]]);
      host.state = { ...host.state, registered };
    }
    host.count('skipped');
    emit({ ...end, outcome: 'skipped', reason: REASON });
    // `ok` and not `skipped`: the plan counts its role as begun here, so a role that depends on it must not begin it again.
    verdicts.set(host.name, 'ok');
  }
  const mistake = await takeBack(execution, hosts);
  if (mistake !== undefined) throw mistake;
  return verdicts;
}
