import { NO_SIGNALS, type Signal, type SignalState, signalState } from '../../core/signal.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import type { KeptRun, KeptRuns } from './kept-runs.ts';
import type { ServerRollout } from './server-rollout.ts';
import { signalsOf, withEventSignals } from './signal-history.ts';
import { isActive } from './signal-receiver.ts';
import { type WaitEvent, waitIn } from './waits.ts';

/** What operators have said to a run, and what it waits for. */
export interface RunActivity {
  /** Undefined when they cannot be read. */
  readonly signals: readonly Signal[] | undefined;
  /** Their effect on a run that has not reported its end. */
  readonly signalState: SignalState;
  /** Of an active run. */
  readonly wait: WaitEvent | undefined;
}

/** @param remote what the server says, if it keeps the rollout and nobody follows it here */
export function activityOf(runs: KeptRuns, { summary, reading }: KeptRun, remote?: ServerRollout): RunActivity {
  const recorded = eventsOf(reading.records);
  const signals = remote?.signals ? withEventSignals(remote.signals, recorded) : signalsOf(runs, summary.id, recorded);
  const hasEnded = summary.exitCode !== undefined && !remote?.signals;
  const state = hasEnded ? NO_SIGNALS : signalState(remote?.signals ?? signals ?? []);
  const events = isActive(summary) ? recorded : (remote?.events ?? []);
  return { signals, signalState: state, wait: waitIn(events, state) };
}

/** The result of a run; of an active one also what holds it back: `running, paused`. */
export function resultText(runs: KeptRuns, kept: KeptRun): string {
  const { result } = kept.summary;
  const held = isActive(kept.summary) ? heldText(activityOf(runs, kept)) : undefined;
  return held === undefined ? result : `${result}, ${held}`;
}

function heldText({ signalState: { paused, aborted }, wait }: RunActivity): string | undefined {
  if (aborted) return 'aborted';
  if (paused) return 'paused';
  switch (wait?.type) {
    case 'wave-waiting':
      return 'waits for approval';
    case 'wave-soaking':
      return 'soaks';
    case 'window-waiting':
      return 'waits for a window';
    case undefined:
      return undefined;
  }
}
