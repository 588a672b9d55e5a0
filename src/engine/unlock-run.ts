import type { PlannedTask, PlayPlan } from '../core/events/plan.ts';
import type { HostRecap } from '../core/events/recap.ts';
import type { TaskRef } from '../core/events/task.ts';
import type { Json } from '../core/json.ts';
import type { Change } from '../core/plan.ts';
import { planTotals } from '../core/plan-totals.ts';
import { UnreachableError, type WriteSession } from '../core/session.ts';
import { StepFailure } from '../core/step.ts';
import { reportUnreachable } from './hosts/dropout.ts';
import { FleetSessions } from './hosts/fleet-sessions.ts';
import { breakLock, type HeldLock, readLock } from './hosts/held-lock.ts';
import type { HostSessions } from './hosts/host-sessions.ts';
import { forEachLimited } from './hosts/limited.ts';
import { resilientTools } from './run/resilient-tools.ts';
import type { RunTools } from './run/tools.ts';
import type { ApplyRequest } from './run-request.ts';
import { type RunResult, UNTOUCHED } from './run-result.ts';

const TASK: TaskRef = { path: 'tasks.0', name: 'Remove the lock', step: 'unlock' };
const PLAY = 'Unlock';

/** A host of the run, with the observed state of its lock. */
interface LockedHost {
  readonly session: WriteSession;
  readonly lock: HeldLock | undefined;
}

type End = Pick<HostRecap, 'state'> & Partial<Omit<HostRecap, 'host' | 'state'>>;

/**
 * Removes the locks of hosts whose holder is gone or hangs. A lock is kept if its holder is alive: a process on this machine
 * (`isHolderThere`), a shell that is running a script, or a host that is restoring itself. Reported, confirmed and recorded
 * like any run.
 */
export async function unlockRun(
  request: ApplyRequest,
  isHolderThere: (holder: string) => boolean | undefined,
): Promise<RunResult> {
  const { tools, mistake } = resilientTools(request.tools);
  let bug: unknown;
  const { emit, clock, forks, abort, journal } = tools;
  const sessions = FleetSessions.forWriting(request.connector);
  const hosts = request.plays.flatMap((play) => play.hosts.map(({ host }) => host));
  const names = hosts.map(({ name }) => name);
  const ends = new Map<string, End>();
  const started = clock().getTime();
  emit({ type: 'play-started', play: PLAY, hosts: names });
  let plan: PlayPlan | undefined;
  let wasConfirmed = true;
  try {
    const connected = await sessions.connect(hosts, [true], { emit, forks, clock, abort });
    for (const name of names) if (!connected.has(name)) ends.set(name, { state: 'unchanged', unreachable: 1 });
    const locked = await readLocks(connected, tools, ends);
    plan = planOf(locked, isHolderThere);
    emit({ type: 'play-planned', plan, totals: planTotals(plan) });
    const toDo = plan.hosts.filter(({ tasks: [task] }) => task?.action === 'change').map(({ host }) => host);
    for (const { host, tasks } of plan.hosts) ends.set(host, endOfPlanned(tasks[0]));
    if (toDo.length > 0 && request.confirm) wasConfirmed = await request.confirm([plan]);
    if (wasConfirmed && !request.stop.aborted) {
      await journal.write({ type: 'run', runId: request.runId, command: 'unlock', source: PLAY, hosts: toDo });
      emit({ type: 'task-started', task: TASK, hosts: toDo });
      await forEachLimited(toDo, forks, async (name) => {
        const host = locked.get(name);
        const planned = plan?.hosts.find((one) => one.host === name)?.tasks[0];
        if (!host?.lock || planned?.action !== 'change') return;
        ends.set(name, { state: 'unknown', stopped: { why: 'cancelled', at: TASK.name, path: TASK.path }, failed: 1 });
        ends.set(name, await unlock(name, host.session, host.lock, planned.changes, tools));
      });
    }
    emit({ type: 'play-finished', play: PLAY, elapsedMs: clock().getTime() - started });
  } catch (error) {
    if (error !== abort.reason) bug = error;
  } finally {
    await sessions.close();
  }
  return resultOf(names, ends, plan, wasConfirmed, bug ?? mistake());
}

async function readLocks(
  connected: ReadonlyMap<string, HostSessions<WriteSession>>,
  { emit, forks, clock }: RunTools,
  ends: Map<string, End>,
): Promise<ReadonlyMap<string, LockedHost>> {
  const observed = new Map<string, LockedHost>();
  await forEachLimited([...connected], forks, async ([name, own]) => {
    const started = clock().getTime();
    try {
      const lock = await readLock(own.strongest);
      observed.set(name, { session: own.strongest, lock });
      emit({ type: 'host-observed', host: name, facts: 1, elapsedMs: clock().getTime() - started });
    } catch (error) {
      ends.set(name, lostOrFailed(name, error, emit));
    }
  });
  return new Map(
    [...connected.keys()].flatMap((name) => {
      const host = observed.get(name);
      return host ? [[name, host] as const] : [];
    }),
  );
}

/** @throws anything that is neither an unreachable host nor a failure: a bug */
function lostOrFailed(host: string, error: unknown, emit: RunTools['emit']): End {
  if (!(error instanceof StepFailure)) {
    reportUnreachable(host, error, emit);
    return { state: 'unchanged', unreachable: 1 };
  }
  const { code, message, details, remedy = 'run again' } = error;
  emit({ type: 'host-refused', host, code, reason: message, details, remedy });
  return { state: 'unchanged', refused: 1 };
}

function planOf(
  locked: ReadonlyMap<string, LockedHost>,
  isHolderThere: (holder: string) => boolean | undefined,
): PlayPlan {
  const names = [...locked.keys()];
  return {
    play: PLAY,
    order: { name: 'linear', reason: 'all hosts side by side', batches: [names] },
    tasks: [TASK],
    hosts: [...locked].map(([host, { lock }]) => ({
      host,
      tasks: [{ path: TASK.path, ...planUnlock(lock, isHolderThere) }],
    })),
  };
}

type UnlockPlan = PlannedTask extends infer Task ? (Task extends unknown ? Omit<Task, 'path'> : never) : never;

/** What to do about a lock, given its observed state. */
function planUnlock(lock: HeldLock | undefined, isHolderThere: (holder: string) => boolean | undefined): UnlockPlan {
  if (!lock) return { action: 'none', reason: 'it is not locked' };
  const { holder, shells, isWatched, path } = lock;
  const details = [['held by', holder]] as const;
  if (shells.length === 0 && isWatched)
    return {
      action: 'refuse',
      code: 'host-restoring',
      reason: 'it is restoring itself after a lost run',
      details,
      remedy: 'wait until it has done so',
    };
  if (isHolderThere(holder))
    return {
      action: 'refuse',
      code: 'lock-in-use',
      reason: 'the run that holds its lock is in progress on this machine',
      details,
      remedy: 'wait until it has ended, or interrupt it (Ctrl-C): its lock is released with it',
    };
  if (shells.some(({ isBusy }) => isBusy))
    return {
      action: 'refuse',
      code: 'lock-in-use',
      reason: 'a script of the run that holds its lock is running on it',
      details,
      remedy: 'wait until that has ended, then unlock it again',
    };
  return { action: 'change', changes: [removal(path, lock)] };
}

function removal(path: string, { holder, shells, isWatched }: HeldLock): Change {
  const pids = shells.map(({ pid }) => pid).join(', ');
  const what = shells.length === 0 ? 'its shell is gone' : `its shell ${pids} is ended`;
  return {
    kind: 'remove',
    target: path,
    before: { holder, shells: shells.map(({ pid }) => pid) },
    after: null,
    summary: `held by ${holder}: ${what}${isWatched ? ', and the host restores itself' : ''}`,
    disruptive: false,
  };
}

async function unlock(
  host: string,
  session: WriteSession,
  lock: HeldLock,
  changes: readonly Change[],
  { emit, journal, clock }: RunTools,
): Promise<End> {
  const started = clock().getTime();
  const base = { type: 'task-finished', task: TASK, host } as const;
  await journal.write({ type: 'intent', host, task: TASK.name, changes: changes as unknown as Json });
  try {
    await breakLock(session, lock);
    await journal.write({ type: 'done', host, task: TASK.name });
    const elapsedMs = clock().getTime() - started;
    emit({ ...base, outcome: 'changed', reason: 'unlocked', changes, elapsedMs });
    return { state: 'changed', ok: 1, changed: 1, changes };
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof StepFailure)) throw error;
    const isLost = error instanceof UnreachableError;
    const { message, remedy } = error;
    await journal.write({ type: 'failed', host, task: TASK.name, reason: message });
    emit({
      ...base,
      outcome: isLost ? 'unreachable' : 'failed',
      reason: message,
      changes: [],
      ...(!isLost && { details: error.details }),
      ...(remedy !== undefined && { remedy }),
      elapsedMs: clock().getTime() - started,
    });
    const where = { at: TASK.name, path: TASK.path };
    return isLost
      ? { state: 'unknown', stopped: { why: 'unreachable', ...where }, unreachable: 1 }
      : { state: 'partly-changed', stopped: { why: 'failed', ...where }, failed: 1 };
  }
}

function endOfPlanned(task: PlannedTask | undefined): End {
  return task?.action === 'refuse' ? { state: 'unchanged', refused: 1 } : { state: 'unchanged', ok: 1 };
}

function resultOf(
  names: readonly string[],
  ends: ReadonlyMap<string, End>,
  plan: PlayPlan | undefined,
  wasConfirmed: boolean,
  mistake: unknown,
): RunResult {
  const recaps = names.map((host): HostRecap => ({ ...UNTOUCHED, ...ends.get(host), host }));
  const hostsWhere = (is: (recap: HostRecap) => boolean) => recaps.filter(is).map(({ host }) => host);
  return {
    plans: plan ? [plan] : [],
    hosts: recaps,
    unreachable: hostsWhere(({ unreachable }) => unreachable > 0),
    refused: hostsWhere(({ refused }) => refused > 0),
    failed: hostsWhere(({ failed }) => failed > 0),
    registered: new Map(),
    undos: new Map(),
    left: [],
    late: [],
    together: [],
    wasConfirmed,
    ...(mistake !== undefined && { mistake }),
  };
}
