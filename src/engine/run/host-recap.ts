import type { HostRecap, HostStateCode } from '../../core/events/recap.ts';
import type { HostRun } from './host-run.ts';

/** How a host has come through a play, for the recap. */
export function recapOf(host: HostRun): HostRecap {
  const { name, counts, undoOutcome, partialUndo, stop, changes } = host;
  const state = stateOf(host);
  return {
    host: name,
    ...counts.recap(),
    restored: undoOutcome === 'restored' ? 1 : 0,
    state,
    ...(partialUndo && ['not-restored', 'unproven'].includes(state) && { undone: partialUndo }),
    ...(stop && { stopped: stop }),
    changes,
  };
}

function stateOf({
  changes,
  mayBePartlyChanged,
  undoOutcome,
  isUnreachable,
  stop,
  willRestoreItself,
}: HostRun): HostStateCode {
  if (changes.length === 0 && !mayBePartlyChanged && undoOutcome === 'none') return 'unchanged';
  // Lost in the middle of a change, and not out of the play (`ignore_unreachable`).
  const isLostBetween = isUnreachable && mayBePartlyChanged && undoOutcome === 'none';
  if (stop?.why === 'unreachable' || isLostBetween) return 'unknown';
  if (undoOutcome === 'restored' || undoOutcome === 'unproven') return undoOutcome;
  if (willRestoreItself) return 'restoring';
  if (undoOutcome === 'failed') return 'not-restored';
  return stop ? 'partly-changed' : 'changed';
}
