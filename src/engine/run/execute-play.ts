import { reportLostBatch } from '../plan/plan-warnings.ts';
import { hasMetaActions, mayIgnoreUnreachable, tasksOf } from '../program/play-tasks.ts';
import type { WalkEnd } from '../walk/request.ts';
import { exceededTolerance } from '../walk/tolerance.ts';
import { walkPlay } from '../walk/walk.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';
import { RunDriver } from './run-driver.ts';
import { lockAllOrNone, releaseLocks } from './run-locks.ts';
import { interrupt, restoreBetween } from './undo-failed.ts';
import { mayAct, mayWrite } from './work.ts';

/** Carries out a planned play: locks its hosts, takes the same walk as its plan, and always unlocks them at the end. */
export async function executePlay(execution: PlayExecution): Promise<WalkEnd> {
  const { input, order, plans, plannedEnd, hosts, notStarted, tools, stop } = execution;
  const driver = new RunDriver(execution);
  try {
    if (stop.aborted) return 'completed';
    const all = active(hosts);
    if (!(await lock(execution))) return isIntolerable(execution, all) ? 'stopped' : 'completed';
    const { body, handlers, forceHandlers, isFree } = input.play;
    // A play without work needs no batches, unless a batch may end the play for the next ones (`meta`), or tasks run once per
    // batch (`run_once`).
    const mayEnd = plannedEnd === 'batch-lost' || hasMetaActions(body);
    const tasks = tasksOf(input.play);
    const isTogether = !mayEnd && !tasks.some(({ runOnce }) => runOnce);
    const isIdle = isTogether && !active(hosts).some(({ name }) => mayAct(tasks, plans.get(name)));
    const walk = walkPlay({
      body,
      handlers,
      forceHandlers,
      batches: isIdle ? [[...hosts.keys()]] : order.batches,
      isFree,
      stopOnFailure: order.stopOnFailure,
      endsBehindLostBatch: order.endsBehindLostBatch ?? false,
      isTolerable: (failed, of) => exceededTolerance(input.play, failed, of) === undefined,
      supposes: false,
      takesPart: (name) => hosts.get(name)?.takesPart === true && !notStarted.has(name),
    });
    const end = await driver.drive(walk);
    await restoreBetween(execution, [...hosts.values()]);
    if (end === 'ended-by-meta') driver.clearWaiting();
    if (end === 'batch-lost' && !stop.aborted) reportLostBatch(stillWaiting(driver.waiting, notStarted), tools.emit);
    return end;
  } catch (error) {
    // What was thrown outside of a task, too, is a bug, which leaves no host in the middle of a change.
    const between = active(hosts).filter(({ isArmed }) => isArmed);
    await interrupt(execution, between, driver.position).catch(() => undefined);
    throw error;
  } finally {
    // Whatever has been missed above: such a host keeps its lock and restores itself.
    for (const host of hosts.values()) if (host.isArmed) host.leave('cancelled', driver.position);
    // The next play may rely on this one, so a host that never started this one must not start it.
    for (const host of driver.waiting) host.leave('cancelled', 'waiting for its batch');
    await releaseLocks([...hosts.values()], tools);
  }
}

/** The hosts that wait for their batch, except those that the plan already reported as not started. */
function stillWaiting(waiting: Iterable<HostRun>, notStarted: ReadonlySet<string>): readonly string[] {
  return [...waiting].flatMap(({ name, takesPart }) => (takesPart && !notStarted.has(name) ? [name] : []));
}

/**
 * Locks the hosts, unless the play changes nothing. Hosts that were still held by a lost run are observed again once they are
 * released.
 * @returns false if some host could not be locked, which has then been reported
 */
async function lock({ input: { play }, hosts, plans, tools, stop, refresh }: PlayExecution): Promise<boolean> {
  const all = active(hosts);
  if (!all.some(({ name }) => mayWrite(tasksOf(play), plans.get(name)))) return true;
  const waitedFor = await lockAllOrNone(all, { ...tools, stop, ignoresUnreachable: mayIgnoreUnreachable(play) });
  if (waitedFor && waitedFor.length > 0) await refresh(waitedFor);
  return waitedFor !== undefined;
}

/** The hosts that take part. Hosts that were refused beforehand are only observed. */
function active(hosts: ReadonlyMap<string, HostRun>): readonly HostRun[] {
  return [...hosts.values()].filter(({ takesPart }) => takesPart);
}

function isIntolerable({ input }: PlayExecution, hosts: readonly HostRun[]): boolean {
  const out = hosts.filter(({ stop }) => stop && stop.why !== 'cancelled').length;
  return exceededTolerance(input.play, out, hosts.length) !== undefined;
}
