import type { PlannedTask, PlayPlan } from '../../core/events/plan.ts';
import type { TaskRef } from '../../core/events/task.ts';
import type { Change } from '../../core/plan.ts';
import type { HeldLock } from '../hosts/held-lock.ts';

/** What `kplay unlock` does on each host. */
export const UNLOCK_TASK: TaskRef = { path: 'tasks.0', name: 'Remove the lock', step: 'unlock' };
export const UNLOCK_PLAY = 'Unlock';

/** Whether the holder of a lock is a live process on this machine; undefined if it cannot be told. */
export type IsHolderThere = (holder: string) => boolean | undefined;

/** What to do about the observed locks of hosts. */
export function planUnlocks(locks: ReadonlyMap<string, HeldLock | undefined>, isHolderThere: IsHolderThere): PlayPlan {
  return {
    play: UNLOCK_PLAY,
    order: { name: 'linear', reason: 'all hosts side by side', batches: [[...locks.keys()]] },
    tasks: [UNLOCK_TASK],
    hosts: [...locks].map(([host, lock]) => ({
      host,
      tasks: [{ path: UNLOCK_TASK.path, ...planUnlock(lock, isHolderThere) }],
    })),
  };
}

type UnlockPlan = PlannedTask extends infer Task ? (Task extends unknown ? Omit<Task, 'path'> : never) : never;

function planUnlock(lock: HeldLock | undefined, isHolderThere: IsHolderThere): UnlockPlan {
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
      remedy:
        'wait until it has ended, or interrupt it (Ctrl-C; if it is suspended, wake it first: fg, or kill -CONT PID): its lock is released with it',
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
