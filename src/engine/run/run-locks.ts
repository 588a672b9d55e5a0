import type { Event } from '../../core/events/event.ts';
import type { Json } from '../../core/json.ts';
import { forEachLimited } from '../../core/limited.ts';
import { UnreachableError } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';
import { Turns } from '../../core/turns.ts';
import type { HostHolder, RunHolder } from '../../facts/host/host-lock.ts';
import { reportUnreachableOrRethrow } from '../hosts/dropout.ts';
import { releaseLock, takeLock } from '../hosts/host-lock.ts';
import { type HostWaitTools, STILL_RESTORING, waitUntilReleased } from '../hosts/host-wait.ts';
import type { HostRun } from './host-run.ts';

/** How long a host may take to release its lock if the run is to end at once. */
const RELEASE_LIMIT_MS = 2_000;

/** What locking the hosts of a play needs. */
export interface LockTools extends HostWaitTools {
  /** Who holds the locks of this run, for people. */
  readonly holder: string;
  readonly forks: number;
  /** The command that removes the lock of a host. */
  readonly unlockCommand: (host: string) => string;
  /** A host that is lost in the meantime may go on (`ignore_unreachable`). Default: false. */
  readonly ignoresUnreachable?: boolean;
}

/**
 * Locks every host of a play before anything is changed, or none, also if one of them is lost in the meantime.
 *
 * All locks are requested at once, so two runs that start at the same moment may each get some of them. The run that gets the
 * first host, by name, goes on and waits for the other to release its locks; the other finds that host held, and is refused.
 * Without this rule both might be refused.
 * @returns the hosts that had to be waited for, whose state may have changed since; undefined if some host could not be locked,
 * which has then been reported
 */
export async function lockAllOrNone(
  hosts: readonly HostRun[],
  tools: LockTools,
): Promise<readonly HostRun[] | undefined> {
  const byName = hosts.filter(({ isUnreachable }) => !isUnreachable).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const [first] = byName;
  if (!first) return [];
  const refusals = new Map<string, LockRefusal>();
  const namesOf = new Map<string, HostRun[]>();
  let hasLostOne = false;
  const take = async (host: HostRun): Promise<HostHolder | undefined> => {
    const owner = { holder: tools.holder, first: machineOf(first) };
    const other = await takeLock(host.sessions.strongest, owner, (shell) => {
      namesOf.set(shell, [...(namesOf.get(shell) ?? []), host]);
    });
    if (!other) host.lock = 'held';
    return other;
  };
  const attempt = async (host: HostRun, work: () => Promise<HostHolder | undefined>): Promise<void> => {
    try {
      const other = await work();
      if (other) refusals.set(host.name, heldBy(host.name, other, tools));
    } catch (error) {
      if (error instanceof StepFailure) refusals.set(host.name, lockFailure(error));
      else if (tools.ignoresUnreachable && error instanceof UnreachableError) host.becomeUnreachable(error.message);
      else {
        reportUnreachableOrRethrow(host.name, error, tools.emit);
        host.lose();
        hasLostOne = true;
        host.leave('unreachable', 'taking its lock');
      }
    }
  };
  const waitForLock = (host: HostRun, releasesSoon: (holder: RunHolder) => boolean): Promise<void> =>
    attempt(host, () => waitUntilReleased(host.name, () => take(host), { ...tools, releasesSoon }));
  const isRefused = (): boolean => hasLostOne || refusals.size > 0;
  await forEachLimited(byName, tools.forks, (host) => attempt(host, async () => void (await take(host))));
  const waitedFor = byName.filter(({ lock, isUnreachable }) => lock !== 'held' && !isUnreachable);
  if (!isRefused() && waitedFor.includes(first)) await waitForLock(first, () => false);
  if (!isRefused()) {
    const others = waitedFor.filter((host) => host !== first);
    await forEachLimited(others, tools.forks, (host) =>
      waitForLock(host, (holder) => holder.first === machineOf(first)),
    );
  }
  if (!isRefused()) {
    for (const names of namesOf.values()) takeTurns(names);
    return waitedFor;
  }
  for (const host of hosts) host.leave('refused', 'taking its lock');
  reportRefusals(byName, refusals, tools.emit);
  return undefined;
}

/** @param names the hosts of a play that are one machine, usually a single one */
function takeTurns(names: readonly HostRun[]): void {
  if (names.length === 1) return;
  const turns = new Turns();
  for (const host of names) host.takeTurns(turns);
}

/** Reports which hosts could not be locked, and that the others are not started because of them. */
function reportRefusals(
  hosts: readonly HostRun[],
  refusals: ReadonlyMap<string, LockRefusal>,
  emit: LockTools['emit'],
): void {
  for (const [host, refusal] of refusals) emit({ type: 'host-refused', host, ...refusal });
  const lost = hosts.filter((host) => host.isLost).map(({ name }) => name);
  const withOthers = refusedWithOthers(refusals, lost);
  for (const { name, isLost } of hosts)
    if (!isLost && !refusals.has(name)) emit({ type: 'host-refused', host: name, ...withOthers });
}

/** Locks one reconnected host while the others keep their locks. @returns why it cannot be locked; undefined if it is */
export async function lockOne(host: HostRun, tools: LockTools): Promise<LockRefusal | undefined> {
  const owner = { holder: tools.holder, first: machineOf(host) };
  try {
    const other = await waitUntilReleased(host.name, () => takeLock(host.sessions.strongest, owner), tools);
    if (!other) host.lock = 'held';
    return other && heldBy(host.name, other, tools);
  } catch (error) {
    if (error instanceof StepFailure) return lockFailure(error);
    throw error;
  }
}

/** Why a host is not started although it could be locked: others of its play could not. */
function refusedWithOthers(refusals: ReadonlyMap<string, LockRefusal>, lost: readonly string[]): LockRefusal {
  const [[, first] = []] = refusals;
  const clause = (names: readonly string[], what: string): readonly string[] =>
    names.length === 0 ? [] : [`${names.join(', ')} ${names.length === 1 ? 'was' : 'were'} ${what}`];
  return {
    code: first?.code ?? 'peer-lost',
    reason: `not started, because ${[...clause([...refusals.keys()].toSorted(), 'refused'), ...clause(lost, 'lost')].join(', and ')}`,
    details: [],
    remedy: 'nothing was changed: do what is said for that host first, then run again',
  };
}

/**
 * A host with the address where it is reached, because `m1` of another inventory may be another machine. If two inventories
 * reach the same machine in two ways, the rule does not work, and both runs may be refused. If the address is a template, only
 * the name is used.
 */
function machineOf({ name, state }: HostRun): string {
  const constant = (variable: string): Json | undefined => {
    const value = state.compiled.vars.get(variable);
    return value?.kind === 'constant' ? value.value : undefined;
  };
  return `${name} ${constant('ansible_host') ?? name}:${constant('ansible_port') ?? 22}`;
}

type LockRefusal = Pick<Extract<Event, { type: 'host-refused' }>, 'code' | 'reason' | 'details' | 'remedy'>;

/** Why a run cannot start on a host that another one holds. */
export function heldBy(
  host: string,
  holder: HostHolder,
  { hasEnded, unlockCommand }: Pick<LockTools, 'hasEnded' | 'unlockCommand'>,
): LockRefusal {
  if (holder.kind === 'host') return { ...STILL_RESTORING, details: [] };
  const { name, shell } = holder;
  const hangs = hasEnded(name) && shell !== undefined;
  const unlock = unlockCommand(host);
  return {
    code: 'host-locked',
    reason: 'another run holds its lock',
    details: [['held by', name]],
    remedy: hangs
      ? `that run has ended, but its shell on the host is still running (pid ${shell}): ${unlock}; then run again`
      : `wait until it has ended, then run again: its lock is released with it; if it hangs, or its machine is gone: ${unlock}`,
  };
}

function lockFailure({ code, message, details, remedy = 'run again' }: StepFailure): LockRefusal {
  return { code, reason: message, details, remedy };
}

/**
 * Releases the locks. A host that has to restore itself keeps its lock until then, and its sessions are closed so that it can.
 */
export async function releaseLocks(
  hosts: readonly HostRun[],
  { forks, emit, abort }: Pick<LockTools, 'forks' | 'emit' | 'abort'>,
): Promise<void> {
  for (const host of hosts) if (host.willRestoreItself && !host.areSessionsClosed) host.closeSessions();
  const locked = hosts.filter((host) => host.lock === 'held' && !host.isLost && !host.willRestoreItself);
  await forEachLimited(locked, forks, async (host) => {
    try {
      await releaseLock(host.sessions.strongest, abort.aborted ? AbortSignal.timeout(RELEASE_LIMIT_MS) : abort);
    } catch (error) {
      // The lock names this connection's shell and becomes void with it.
      emit({
        type: 'warning',
        hosts: [host.name],
        message: `its lock was not released: ${error instanceof Error ? error.message : error}`,
      });
    }
  });
}
