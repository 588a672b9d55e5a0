import type { RefusePlan } from '../core/plan.ts';
import type { Order } from '../core/strategy.ts';
import { alters, changesOf } from './changes.ts';
import type { CompiledTask } from './compile.ts';
import { lockAll, unlockAll } from './fleet-locks.ts';
import type { HostRun } from './host-run.ts';
import { forEachLimited } from './limited.ts';
import { disrupts, worldsOf } from './ordered-plan.ts';
import type { HostTaskPlan, HostTaskPlans, PlannedPlay, PlannerInput } from './planner.ts';
import { TaskRunner } from './task-runner.ts';
import { intolerable } from './tolerance.ts';
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

/** `ended`: more hosts failed than the play bears; nothing that comes after it is to be begun. */
export type PlayEnd = 'passed' | 'ended';

/** Carries out a planned play: batch by batch, in each task by task, all hosts of a batch side by side. */
export async function executePlay(execution: PlayExecution): Promise<PlayEnd> {
  const { order, hosts, tools, stop } = execution;
  const waiting = new Set(hosts.keys());
  try {
    if (stop.aborted) return 'passed';
    const all = active(hosts);
    if (!(await lock(execution))) return isIntolerable(execution, all) ? 'ended' : 'passed';
    const isIdle = !active(hosts).some(({ name }) => hasWork(execution.plans.get(name)));
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
      const isLetIn = passesGate(execution, batch);
      if (isIntolerable(execution, batch)) return 'ended';
      if (!isLetIn) break;
      for (const name of names) waiting.delete(name);
      if ((await executeBatch(execution, batch)) === 'ended') return 'ended';
      if (batch.some(({ stop: reason }) => reason) && order.stopOnFailure) break;
    }
    return 'passed';
  } finally {
    // What was not begun of this play must not be in the next, which may build on it.
    for (const name of waiting) hosts.get(name)?.leave('cancelled', 'waiting for its batch');
    await unlockAll([...hosts.values()], { ...tools, stop });
  }
}

/** A play that changes nothing takes no lock. What a lost run has let go only now is looked at again. */
async function lock({ input, hosts, plans, tools, stop, refresh }: PlayExecution): Promise<boolean> {
  const all = active(hosts);
  if (!all.some(({ name }) => mayWrite(input.play.tasks, plans.get(name)))) return true;
  const waitedFor = await lockAll(all, { ...tools, stop });
  if (waitedFor && waitedFor.length > 0) await refresh(waitedFor);
  return waitedFor !== undefined;
}

/** The hosts that take part: those that were refused beforehand are only looked at. */
function active(hosts: ReadonlyMap<string, HostRun>): readonly HostRun[] {
  return [...hosts.values()].filter(isActive);
}

function isActive({ stop }: HostRun): boolean {
  return stop === undefined;
}

/** Something is to be done, or it is not known yet whether it is. */
function hasWork(plans: HostTaskPlans | undefined): boolean {
  return [...(plans?.values() ?? [])].some(({ plan }) => plan.action !== 'none' && plan.action !== 'skip');
}

/** What is not known yet may come to a change, unless its task has none to make. */
function mayWrite(tasks: readonly CompiledTask[], plans: HostTaskPlans | undefined): boolean {
  return tasks.some(({ ref, step, changesNothing }) => {
    const plan = plans?.get(ref.path)?.plan;
    if (plan?.action === 'unknown') return step.apply !== undefined && !changesNothing;
    return plan !== undefined && changesOf(plan).some(alters);
  });
}

/** Cancels a batch that the strategy does not let start, with its reason. */
function passesGate({ order, hosts, plans, tools }: PlayExecution, batch: readonly HostRun[]): boolean {
  if (!disrupts(namesOf(batch), plans)) return true;
  const worlds = worldsOf([...hosts].map(([name, { state }]) => [name, state] as const));
  const refusal = order.gate && (lostAmong(order, batch, hosts) ?? order.gate(namesOf(batch), worlds));
  if (!refusal) return true;
  for (const host of batch) host.leave('refused', 'the gate before its batch');
  const { reason, remedy } = refusal;
  tools.emit({ type: 'warning', hosts: namesOf(batch), message: `not started: ${reason}`, remedy });
  return false;
}

/** A strategy with a gate judges all its hosts as they are then: of one that is lost it would know only how it was. */
function lostAmong(
  { batches }: Order,
  batch: readonly HostRun[],
  hosts: ReadonlyMap<string, HostRun>,
): Omit<RefusePlan, 'action'> | undefined {
  const others = batches.flat().filter((name) => !namesOf(batch).includes(name));
  const lost = others.filter((name) => hosts.get(name)?.isLost);
  if (lost.length === 0) return undefined;
  return {
    reason: `how ${lost.join(', ')} is now cannot be seen: the connection was lost`,
    remedy: 'see to it that the host can be reached, then run again',
  };
}

function namesOf(hosts: readonly HostRun[]): readonly string[] {
  return hosts.map(({ name }) => name);
}

async function executeBatch(execution: PlayExecution, batch: readonly HostRun[]): Promise<PlayEnd> {
  const { input, plans, hosts, tools, stop } = execution;
  for (const task of input.play.tasks) {
    const active = batch.filter(isActive);
    if (active.length === 0) break;
    if (stop.aborted) {
      await interrupt(execution, active, task.ref.name);
      break;
    }
    const planned = new Map(
      active.flatMap(({ name }): [string, HostTaskPlan][] => {
        const plan = plans.get(name)?.get(task.ref.path);
        return plan ? [[name, plan]] : [];
      }),
    );
    const mistake = await executeTask(execution, new TaskRunner(input, task, hosts, tools), active, planned);
    if (mistake !== undefined) {
      await interrupt(execution, batch.filter(isActive), task.ref.name);
      throw mistake;
    }
    if (isIntolerable(execution, batch)) {
      await cancelRest(execution, batch, task.ref.name);
      return 'ended';
    }
  }
  return isIntolerable(execution, batch) ? 'ended' : 'passed';
}

/**
 * Carries out a task, and puts back the hosts that failed in it: whatever was thrown, it is no reason to leave one half changed.
 * @returns what was thrown that is no failure of a host: a bug.
 */
async function executeTask(
  execution: PlayExecution,
  runner: TaskRunner,
  hosts: readonly HostRun[],
  plans: ReadonlyMap<string, HostTaskPlan>,
): Promise<unknown> {
  let mistake: unknown;
  try {
    await runner.run(hosts, plans);
  } catch (error) {
    mistake = error;
    for (const host of hosts) if (host.isBetween) host.leave('failed', runner.task.ref.name);
  }
  const inUndo = await takeBack(execution, hosts);
  return runner.mistake ?? mistake ?? inUndo;
}

/** Hosts that have just failed are put back, while the others wait: no host is left half changed. @returns a bug that showed. */
async function takeBack(execution: PlayExecution, hosts: readonly HostRun[]): Promise<unknown> {
  const failed = hosts.filter((host) => isToBeUndone(host) && host.rollback === 'none');
  return undoAll(execution, failed, (host) => `'${host.stop?.at}' failed`);
}

/** Puts all of them back, whatever comes of one. @returns the first bug that showed. */
async function undoAll(
  { input, tools }: PlayExecution,
  hosts: readonly HostRun[],
  because: (host: HostRun) => string,
): Promise<unknown> {
  const mistakes: unknown[] = [];
  await forEachLimited(hosts, tools.forks, async (host) => {
    mistakes.push(await undoHost(host, input, tools, because(host)));
  });
  return mistakes.find((mistake) => mistake !== undefined);
}

function isToBeUndone({ stop, pendingUndo }: HostRun): boolean {
  return (stop?.why === 'failed' || stop?.why === 'refused') && pendingUndo.calls.length > 0;
}

function isIntolerable({ input }: PlayExecution, batch: readonly HostRun[]): boolean {
  const bad = batch.filter(({ stop }) => stop && stop.why !== 'cancelled').length;
  return intolerable(input.play, bad, batch.length) !== undefined;
}

/** What comes next is not begun; a host on which something is half done is put back, for it is not to stay so. */
async function interrupt(execution: PlayExecution, hosts: readonly HostRun[], at: string): Promise<void> {
  for (const host of hosts) host.leave('cancelled', at);
  if (execution.tools.abort.aborted) return;
  const half = hosts.filter(({ isHalfMade, pendingUndo }) => isHalfMade && pendingUndo.calls.length > 0);
  await throwing(undoAll(execution, half, () => 'the run was interrupted'));
}

async function cancelRest(execution: PlayExecution, batch: readonly HostRun[], at: string): Promise<void> {
  const rest = batch.filter(isActive);
  for (const host of rest) host.leave('cancelled', at);
  const changed = rest.filter(({ pendingUndo }) => pendingUndo.calls.length > 0);
  await throwing(undoAll(execution, changed, () => 'too many other hosts failed'));
}

async function throwing(mistake: Promise<unknown>): Promise<void> {
  const found = await mistake;
  if (found !== undefined) throw found;
}
