import type { Step } from '../../core/step.ts';
import type { HostTaskPlan } from '../plan/host-task-plan.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { skippedResult } from '../program/registered.ts';
import type { Verdict, Verdicts } from '../walk/request.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';
import { undoFailed } from './undo-failed.ts';

const REASON = 'the answer to --step was no';

const BETWEEN = {
  code: 'declined-between',
  reason: 'the answer to --step was no, but the host is in the middle of a change that has to be completed',
  remedy: 'run again, and answer yes to the tasks that belong together: delete, regenerate, restart',
} as const;

/** Whether a task should be run. The user is not asked about a task that has nothing to do on any host. */
export async function isWanted(
  { confirmTask }: PlayExecution,
  { ref, step }: CompiledTask,
  hosts: readonly HostRun[],
  plans: ReadonlyMap<string, HostTaskPlan>,
): Promise<boolean> {
  if (!confirmTask || !hosts.some(({ name }) => mayHaveWork(plans.get(name), step))) return true;
  return confirmTask(
    ref,
    hosts.map(({ name }) => name),
  );
}

/** An unplanned or unknown task (included by the run only, say) may have work, unless its step only reports. */
function mayHaveWork(planned: HostTaskPlan | undefined, { apply, check }: Step): boolean {
  const action = planned?.plan.action ?? 'unknown';
  return action === 'unknown' ? apply !== undefined || check !== undefined : action !== 'none' && action !== 'skip';
}

/**
 * Skips a task that the user declined (`--step`). A host in the middle of a change that this or a later task would complete is
 * refused and restored instead.
 */
export async function skipDeclined(
  execution: PlayExecution,
  { ref, register }: CompiledTask,
  hosts: readonly HostRun[],
): Promise<Verdicts> {
  const { emit } = execution.tools;
  emit({ type: 'task-started', task: ref, hosts: hosts.map(({ name }) => name) });
  const verdicts = new Map<string, Verdict>();
  for (const host of hosts) {
    const end = { type: 'task-finished', task: ref, host: host.name, changes: [], elapsedMs: 0 } as const;
    if (host.isArmed || host.changes.mayBePartial) {
      host.leave('refused', ref);
      emit({ ...end, outcome: 'refused', ...BETWEEN });
      verdicts.set(host.name, 'refused');
      continue;
    }
    if (register !== undefined) {
      const registered = new Map([...host.state.registered, [register, skippedResult(REASON)]]);
      host.state = { ...host.state, registered };
    }
    host.counts.add('skipped');
    emit({ ...end, outcome: 'skipped', reason: REASON });
    // `ok` instead of `skipped`: the plan counts its role as started here, so a role that depends on it must not start it
    // again.
    verdicts.set(host.name, 'ok');
  }
  const mistake = await undoFailed(execution, hosts);
  if (mistake !== undefined) throw mistake;
  return verdicts;
}
