import type { PlannedTask, PlayPlan } from '../core/events/plan.ts';
import type { HostRecap } from '../core/events/recap.ts';
import type { Host } from '../core/host.ts';
import type { Json } from '../core/json.ts';
import { forEachLimited } from '../core/limited.ts';
import type { Change } from '../core/plan.ts';
import { planTotals } from '../core/plan-totals.ts';
import { UnreachableError, type WriteSession } from '../core/session.ts';
import { StepFailure } from '../core/step.ts';
import { reportUnreachableOrRethrow } from './hosts/dropout.ts';
import { breakLock, type HeldLock, readLock } from './hosts/held-lock.ts';
import type { HostSessions } from './hosts/host-sessions.ts';
import { RunSessions } from './hosts/run-sessions.ts';
import { type IsHolderThere, planUnlocks, UNLOCK_PLAY, UNLOCK_TASK } from './plan/plan-unlock.ts';
import { resilientTools } from './run/resilient-tools.ts';
import type { RunTools } from './run/tools.ts';
import type { ApplyRequest } from './run-request.ts';
import { NO_RESULT, type RunResult, UNTOUCHED } from './run-result.ts';

/** Where a host has stopped: there is only one task. */
const PLACE = { at: UNLOCK_TASK.name, path: UNLOCK_TASK.path };

/** A host of the run, with the observed state of its lock. */
interface LockedHost {
  readonly session: WriteSession;
  readonly lock: HeldLock | undefined;
}

/** What becomes of a host, without the counts that are 0. */
type End = Pick<HostRecap, 'state'> & Partial<Omit<HostRecap, 'host' | 'state'>>;

/** How far it has come. Always up to date, because a second Ctrl-C or a bug may end it anywhere. */
interface Progress {
  /** By host; a host that is missing has not been touched. */
  readonly ends: Map<string, End>;
  plan?: PlayPlan;
  wasConfirmed: boolean;
}

/**
 * Removes the locks of hosts whose holder is gone or hangs. A lock is kept if its holder is alive: a process on this machine
 * (`isHolderThere`), a shell that is running a script, or a host that is restoring itself. Reported, confirmed and recorded
 * like any run. Never throws: a bug becomes the `mistake` of the result.
 */
export async function unlockRun(unlockRequest: ApplyRequest, isHolderThere: IsHolderThere): Promise<RunResult> {
  const { tools, mistake } = resilientTools(unlockRequest.tools);
  const request = { ...unlockRequest, tools };
  const hosts = request.plays.flatMap((play) => play.hosts.map(({ host }) => host));
  const sessions = RunSessions.forWriting(request.connector);
  const progress: Progress = { ends: new Map(), wasConfirmed: true };
  let bug: unknown;
  try {
    await unlockHosts(request, hosts, sessions, isHolderThere, progress);
  } catch (error) {
    // Exceptions caused by a second Ctrl-C are not bugs.
    if (error !== tools.abort.reason) bug = error;
  } finally {
    await sessions.close();
  }
  const names = hosts.map(({ name }) => name);
  return resultOf(names, progress, bug ?? mistake());
}

/** Observes, plans, asks and unlocks. Writes down in `progress` what becomes of each host. */
async function unlockHosts(
  request: ApplyRequest,
  hosts: readonly Host[],
  sessions: RunSessions<WriteSession>,
  isHolderThere: IsHolderThere,
  progress: Progress,
): Promise<void> {
  const { tools, confirm, stop } = request;
  const { emit, clock } = tools;
  const started = clock().getTime();
  emit({ type: 'play-started', play: UNLOCK_PLAY, hosts: hosts.map(({ name }) => name) });
  const connected = await connectAll(hosts, sessions, tools, progress.ends);
  const locked = await readLocks(connected, tools, progress.ends);
  const plan = planUnlocks(new Map([...locked].map(([name, { lock }]) => [name, lock])), isHolderThere);
  progress.plan = plan;
  emit({ type: 'play-planned', plan, totals: planTotals(plan) });
  for (const { host, tasks } of plan.hosts) progress.ends.set(host, endOfPlanned(tasks[0]));
  const unlocks = unlocksOf(plan, locked);
  if (unlocks.length > 0 && confirm) progress.wasConfirmed = await confirm([plan]);
  if (progress.wasConfirmed && !stop.aborted) await unlockAll(unlocks, request, progress.ends);
  emit({ type: 'play-finished', play: UNLOCK_PLAY, elapsedMs: clock().getTime() - started });
}

async function connectAll(
  hosts: readonly Host[],
  sessions: RunSessions<WriteSession>,
  { emit, forks, clock, abort }: RunTools,
  ends: Map<string, End>,
): Promise<ReadonlyMap<string, HostSessions<WriteSession>>> {
  const connected = await sessions.connect(hosts, [true], { emit, forks, clock, abort });
  for (const { name } of hosts) if (!connected.has(name)) ends.set(name, { state: 'unchanged', unreachable: 1 });
  return connected;
}

async function readLocks(
  connected: ReadonlyMap<string, HostSessions<WriteSession>>,
  { emit, forks, clock }: RunTools,
  ends: Map<string, End>,
): Promise<ReadonlyMap<string, LockedHost>> {
  const observed = new Map<string, LockedHost>();
  await forEachLimited([...connected], forks, async ([name, own]) => {
    const started = clock().getTime();
    emit({ type: 'host-observing', host: name });
    try {
      const lock = await readLock(own.strongest);
      observed.set(name, { session: own.strongest, lock });
      emit({ type: 'host-observed', host: name, facts: 1, elapsedMs: clock().getTime() - started });
    } catch (error) {
      ends.set(name, lostOrFailed(name, error, emit));
    }
  });
  // In the order of the hosts, not of their answers.
  return new Map(
    [...connected.keys()].flatMap((name) => {
      const host = observed.get(name);
      return host ? [[name, host] as const] : [];
    }),
  );
}

/** Reports why the lock of a host could not be read. @throws the error, if it is neither an unreachable host nor a failure: a bug */
function lostOrFailed(host: string, error: unknown, emit: RunTools['emit']): End {
  if (!(error instanceof StepFailure)) {
    reportUnreachableOrRethrow(host, error, emit);
    return { state: 'unchanged', unreachable: 1 };
  }
  const { code, message, details, remedy = 'run again' } = error;
  emit({ type: 'host-refused', host, code, reason: message, details, remedy });
  return { state: 'unchanged', refused: 1 };
}

/** A lock that is to be removed. */
interface Unlock {
  readonly host: string;
  readonly session: WriteSession;
  readonly lock: HeldLock;
  readonly changes: readonly Change[];
}

function unlocksOf({ hosts }: PlayPlan, locked: ReadonlyMap<string, LockedHost>): readonly Unlock[] {
  return hosts.flatMap(({ host, tasks: [task] }) => {
    const { session, lock } = locked.get(host) ?? {};
    return session && lock && task?.action === 'change' ? [{ host, session, lock, changes: task.changes }] : [];
  });
}

async function unlockAll(
  unlocks: readonly Unlock[],
  { tools, runId }: ApplyRequest,
  ends: Map<string, End>,
): Promise<void> {
  const { emit, forks, journal } = tools;
  const hosts = unlocks.map(({ host }) => host);
  await journal.write({ type: 'run', runId, command: 'unlock', source: UNLOCK_PLAY, hosts });
  emit({ type: 'task-started', task: UNLOCK_TASK, hosts });
  await forEachLimited(unlocks, forks, async (one) => {
    ends.set(one.host, { state: 'unknown', stopped: { why: 'cancelled', ...PLACE }, failed: 1 });
    ends.set(one.host, await unlock(one, tools));
  });
}

async function unlock({ host, session, lock, changes }: Unlock, { emit, journal, clock }: RunTools): Promise<End> {
  const started = clock().getTime();
  const base = { type: 'task-finished', task: UNLOCK_TASK, host } as const;
  await journal.write({ type: 'intent', host, task: UNLOCK_TASK.name, changes: changes as unknown as Json });
  try {
    await breakLock(session, lock);
    await journal.write({ type: 'done', host, task: UNLOCK_TASK.name });
    const elapsedMs = clock().getTime() - started;
    emit({ ...base, outcome: 'changed', reason: 'unlocked', changes, elapsedMs });
    return { state: 'changed', ok: 1, changed: 1, changes };
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof StepFailure)) throw error;
    const isLost = error instanceof UnreachableError;
    const { message, remedy } = error;
    await journal.write({ type: 'failed', host, task: UNLOCK_TASK.name, reason: message });
    emit({
      ...base,
      outcome: isLost ? 'unreachable' : 'failed',
      reason: message,
      changes: [],
      ...(!isLost && { details: error.details }),
      ...(remedy !== undefined && { remedy }),
      elapsedMs: clock().getTime() - started,
    });
    return isLost
      ? { state: 'unknown', stopped: { why: 'unreachable', ...PLACE }, unreachable: 1 }
      : { state: 'partly-changed', stopped: { why: 'failed', ...PLACE }, failed: 1 };
  }
}

function endOfPlanned(task: PlannedTask | undefined): End {
  return task?.action === 'refuse' ? { state: 'unchanged', refused: 1 } : { state: 'unchanged', ok: 1 };
}

function resultOf(names: readonly string[], { ends, plan, wasConfirmed }: Progress, mistake: unknown): RunResult {
  const recaps = names.map((host): HostRecap => ({ ...UNTOUCHED, ...ends.get(host), host }));
  const hostsWhere = (is: (recap: HostRecap) => boolean) => recaps.filter(is).map(({ host }) => host);
  return {
    ...NO_RESULT,
    plans: plan ? [plan] : [],
    hosts: recaps,
    unreachable: hostsWhere(({ unreachable }) => unreachable > 0),
    refused: hostsWhere(({ refused }) => refused > 0),
    failed: hostsWhere(({ failed }) => failed > 0),
    wasConfirmed,
    ...(mistake !== undefined && { mistake }),
  };
}
