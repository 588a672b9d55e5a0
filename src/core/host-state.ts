import type { HostRecap, StopCode } from './events/recap.ts';

/** Where a host stopped that has a code, in words: they stand in place of a task's name. */
export const STOP_TEXTS: Readonly<Record<StopCode, string>> = {
  'window-shut': 'the window of its cluster',
  'not-followed': 'the rollout is not followed any more',
  'not-known': 'what has become of the rollout is not known',
};

/** The state of a host in words, to follow its name: `restored`, `partly changed: stopped at 'Restart'`. */
export function stateText({
  state,
  stopped,
  left,
  undone,
  unreachable = 0,
}: Pick<HostRecap, 'state' | 'stopped' | 'left' | 'undone'> & Partial<Pick<HostRecap, 'unreachable'>>): string {
  const at = stopped?.at ?? 'a task';
  switch (state) {
    case 'unchanged':
    case 'changed':
    case 'restored':
      return state;
    case 'restoring':
      return `restoring itself: the run stopped at '${at}'`;
    case 'partly-changed':
      return `partly changed: stopped at '${at}'`;
    case 'not-restored':
      if (undone)
        return `partly restored: '${at}' failed; ${undone.done.join(', ')} is done, but not ${undone.failed}: ${undone.reason}`;
      return `partly changed: '${at}' failed, and the host could not be restored`;
    case 'unproven':
      return `restored, but not proven: ${undone?.reason ?? 'the connection was lost'}`;
    case 'unknown':
      // Of a cluster whose worker was lost, nothing more is known.
      if (!stopped) return 'unknown: no worker has reported it';
      return isUnreported({ state, stopped }) ? `unknown: ${at}` : `unknown: the connection was lost in '${at}'`;
    case 'as-left':
      return `${unreachable > 0 && !stopped ? 'not reached' : 'not changed'}; as run ${left?.run} left it: ${left?.state}`;
    default:
      // The first versions of kplay recorded words.
      return state;
  }
}

/** Whether the changes of a host are what it has now: not while they are taken back, or when nobody knows how far that, or a change, came. */
export function hasItsChanges({ state }: Pick<HostRecap, 'state'>): boolean {
  return state !== 'not-restored' && state !== 'restoring' && state !== 'unproven' && state !== 'unknown';
}

/** Whether workers had the host, and what they have done with it was not reported here: it may have been changed completely. */
export function isUnreported({ state, stopped }: Pick<HostRecap, 'state' | 'stopped'>): boolean {
  return state === 'unknown' && (!stopped || stopped.code === 'not-followed' || stopped.code === 'not-known');
}

/** Whether a run has gone through its tasks on a host, so that it knows the state of that host. */
export function isFinished({ ok, skipped, failed, unreachable, refused, stopped }: HostRecap): boolean {
  return ok + skipped > 0 && failed + unreachable + refused === 0 && !stopped;
}
