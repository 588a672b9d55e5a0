import type { Event } from '../core/event.ts';
import { StepFailure } from '../core/step.ts';
import type { Order } from '../core/strategy.ts';
import { alters, changesOf } from './changes.ts';
import { reportUnreachable } from './dropout.ts';
import { releaseLock, takeLock } from './host-lock.ts';
import type { HostRun } from './host-run.ts';
import { forEachLimited } from './limited.ts';
import type { HostTaskPlan, PlannedPlay, PlannerInput } from './planner.ts';
import { TaskRunner } from './task-runner.ts';
import { type UndoTools, undoHost } from './undo.ts';

export interface PlayExecution {
  readonly input: PlannerInput;
  readonly plans: PlannedPlay;
  readonly order: Order;
  readonly hosts: ReadonlyMap<string, HostRun>;
  readonly tools: UndoTools;
  /** Aborted when nothing new is to be begun; what is in hand is brought to its end. */
  readonly stop: AbortSignal;
  /** Looks again, right before a batch that others went before. */
  readonly refresh: (batch: readonly HostRun[]) => Promise<void>;
}

/** Carries out a planned play: batch by batch, in each task by task, all hosts of a batch side by side. */
export async function executePlay(execution: PlayExecution): Promise<void> {
  const { order, hosts, tools, stop } = execution;
  try {
    if (!(await lockAll(execution))) return;
    const isIdle = ![...hosts.keys()].some((name) => hasWork(execution.plans.get(name)));
    const batches = isIdle ? [[...hosts.keys()]] : order.batches;
    for (const [index, names] of batches.entries()) {
      if (stop.aborted) break;
      const batch = names.flatMap((name) => hosts.get(name) ?? []).filter((host) => host.stop === undefined);
      if (batch.length === 0) continue;
      tools.emit({
        type: 'batch-started',
        number: index + 1,
        of: batches.length,
        hosts: batch.map(({ name }) => name),
      });
      if (index > 0 && batch.some(({ name }) => hasWork(execution.plans.get(name)))) await execution.refresh(batch);
      if (!passesGate(execution, batch)) break;
      await executeBatch(execution, batch);
      if (batch.some(({ stop: reason }) => reason) && order.stopOnFailure) break;
    }
  } finally {
    await unlock([...hosts.values()], tools);
  }
}

/**
 * Before anything is changed: every host of the play is ours alone, or none is touched. A play that changes nothing takes no
 * lock.
 */
async function lockAll({ hosts, plans, tools }: PlayExecution): Promise<boolean> {
  const all = [...hosts.values()];
  if (!all.some(({ name }) => mayWrite(plans.get(name)))) return true;
  const refusals = new Map<string, LockRefusal>();
  await forEachLimited(all, tools.forks, async (host) => {
    try {
      const holder = await takeLock(host.sessions.strongest, tools.holder);
      if (holder === undefined) host.isLocked = true;
      else refusals.set(host.name, heldBy(holder));
    } catch (error) {
      if (error instanceof StepFailure) refusals.set(host.name, unlockable(error));
      else {
        reportUnreachable(host.name, error, tools.emit);
        host.isLost = true;
        host.leave('unreachable', 'taking its lock');
      }
    }
  });
  if (refusals.size > 0) for (const host of all) host.leave('refused', 'taking its lock');
  for (const [host, refusal] of refusals) tools.emit({ type: 'host-refused', host, ...refusal });
  return refusals.size === 0;
}

type LockRefusal = Pick<Extract<Event, { type: 'host-refused' }>, 'reason' | 'details' | 'remedy'>;

function heldBy(holder: string): LockRefusal {
  return {
    reason: 'another run holds its lock',
    details: [['held by', holder]],
    remedy: 'wait until it has ended, then run again: the lock goes with the run that holds it',
  };
}

function unlockable({ message, details, remedy = 'run again' }: StepFailure): LockRefusal {
  return { reason: message, details, remedy };
}

/** Something is to be done, or it is not known yet whether it is. */
function hasWork(plans: readonly HostTaskPlan[] | undefined): boolean {
  return plans?.some(({ plan }) => plan.action !== 'none' && plan.action !== 'skip') ?? false;
}

function mayWrite(plans: readonly HostTaskPlan[] | undefined): boolean {
  return plans?.some(({ plan }) => plan.action === 'unknown' || changesOf(plan).some(alters)) ?? false;
}

/** Cancels a batch that the strategy does not let start, with its reason. */
function passesGate({ order, hosts, plans, tools }: PlayExecution, batch: readonly HostRun[]): boolean {
  const disrupts = batch.some(({ name }) =>
    plans.get(name)?.some(({ plan }) => changesOf(plan).some(({ disruptive }) => disruptive)),
  );
  if (!disrupts) return true;
  const worlds = new Map([...hosts].map(([name, { state }]) => [name, state.world]));
  const refusal = order.gate?.(
    batch.map(({ name }) => name),
    worlds,
  );
  if (!refusal) return true;
  for (const host of batch) {
    host.leave('refused', 'the gate before its batch');
    tools.emit({ type: 'warning', host: host.name, message: `not started: ${refusal.reason}`, remedy: refusal.remedy });
  }
  return false;
}

async function executeBatch(execution: PlayExecution, batch: readonly HostRun[]): Promise<void> {
  const { input, plans, hosts, tools, stop } = execution;
  for (const [index, task] of input.play.tasks.entries()) {
    const active = batch.filter((host) => host.stop === undefined);
    if (active.length === 0) return;
    if (stop.aborted) {
      for (const host of active) host.leave('cancelled', task.ref.name);
      return;
    }
    const planned = new Map(
      active.flatMap(({ name }): [string, HostTaskPlan][] => {
        const plan = plans.get(name)?.[index];
        return plan ? [[name, plan]] : [];
      }),
    );
    await new TaskRunner(input, task, hosts, tools).run(active, planned);
    await takeBack(execution, active);
    if (isFatal(execution, batch)) {
      await cancelRest(execution, batch, task.ref.name);
      return;
    }
  }
}

/** Hosts that have just failed are put back, while the others wait: no host is left half changed. */
async function takeBack({ input, tools }: PlayExecution, hosts: readonly HostRun[]): Promise<void> {
  const failed = hosts.filter((host) => isToBeUndone(host) && host.rollback === 'none');
  await forEachLimited(failed, tools.forks, (host) => undoHost(host, input, tools, `'${host.stop?.at}' failed`));
}

function isToBeUndone({ stop, pendingUndo }: HostRun): boolean {
  return (stop?.why === 'failed' || stop?.why === 'refused') && pendingUndo.calls.length > 0;
}

function isFatal({ input }: PlayExecution, batch: readonly HostRun[]): boolean {
  const bad = batch.filter(({ stop }) => stop && stop.why !== 'cancelled').length;
  if (bad === 0) return false;
  const { anyErrorsFatal, maxFailPercentage } = input.play;
  return anyErrorsFatal || (maxFailPercentage !== undefined && (bad / batch.length) * 100 > maxFailPercentage);
}

async function cancelRest({ input, tools }: PlayExecution, batch: readonly HostRun[], at: string): Promise<void> {
  const rest = batch.filter((host) => host.stop === undefined);
  for (const host of rest) host.leave('cancelled', at);
  const changed = rest.filter(({ pendingUndo }) => pendingUndo.calls.length > 0);
  await forEachLimited(changed, tools.forks, (host) => undoHost(host, input, tools, 'too many other hosts failed'));
}

async function unlock(hosts: readonly HostRun[], { forks, emit }: UndoTools): Promise<void> {
  const locked = hosts.filter(({ isLocked, isLost }) => isLocked && !isLost);
  await forEachLimited(locked, forks, async (host) => {
    try {
      await releaseLock(host.sessions.strongest);
    } catch (error) {
      // The lock names this connection's shell and is void when it is gone.
      emit({
        type: 'warning',
        host: host.name,
        message: `its lock was left: ${error instanceof Error ? error.message : error}`,
      });
    }
  });
}
