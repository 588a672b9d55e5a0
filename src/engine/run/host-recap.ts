import type { HostRecap, HostStateCode } from '../../core/events/recap.ts';
import type { HostRun } from './host-run.ts';

/** How a host has come through a play, for the recap. */
export function recapOf(host: HostRun): HostRecap {
  const { name, counts, stop, changes } = host;
  const { outcome, partial } = changes.undoEnd ?? {};
  const state = stateOf(host);
  return {
    host: name,
    ...counts.recap(),
    restored: outcome === 'restored' ? 1 : 0,
    state,
    ...(partial && ['not-restored', 'unproven'].includes(state) && { undone: partial }),
    ...(stop && { stopped: stop }),
    changes: changes.made,
  };
}

function stateOf({ changes, isUnreachable, stop, willRestoreItself, restoresInVain }: HostRun): HostStateCode {
  const { made, mayBePartial, undoEnd } = changes;
  if (made.length === 0 && !mayBePartial && !undoEnd) return 'unchanged';
  // Lost in the middle of a change, and not out of the play (`ignore_unreachable`).
  const isLostBetween = isUnreachable && mayBePartial && !undoEnd;
  if (stop?.why === 'unreachable' || isLostBetween) return 'unknown';
  if (undoEnd?.outcome === 'restored' || undoEnd?.outcome === 'unproven') return undoEnd.outcome;
  if (willRestoreItself && !restoresInVain) return 'restoring';
  if (undoEnd?.outcome === 'failed') return 'not-restored';
  return stop ? 'partly-changed' : 'changed';
}
