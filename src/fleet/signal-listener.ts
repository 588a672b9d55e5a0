import type { EventSink } from '../core/events/event.ts';
import type { RolloutStoppedEvent } from '../core/events/rollout.ts';
import { afterSignal, NO_SIGNALS, type Signal, type SignalSource, type SignalState } from '../core/signal.ts';

/** The commands with which operators control a run. */
export interface OperatorCommands {
  readonly approve: (wave: string) => string;
  /** Resumes a paused run. */
  readonly resume: string;
  /** Resumes the run after its end; absent: impossible. */
  readonly later?: string;
  /**
   * What does the rest later: `kplay resume` where it can, since it keeps the waves of the run and what `renew_before=all` has renewed, and
   * otherwise `the same command` or `a new plan`.
   */
  readonly again: string;
}

/** Why an aborted run starts nothing more. */
export function whyAborted(
  { by, reason }: Pick<SignalSource, 'by' | 'reason'>,
  { again }: Pick<OperatorCommands, 'again'>,
): Pick<RolloutStoppedEvent, 'reason' | 'remedy'> {
  return {
    reason: `aborted by ${by}${reason === undefined ? '' : `: ${reason}`}`,
    remedy: continuationHint(again),
  };
}

/** Why a run that was interrupted, as by Ctrl-C, starts nothing more. */
export function whyInterrupted(
  { again }: Pick<OperatorCommands, 'again'>,
  reason = 'the run was interrupted',
): ReturnType<typeof whyAborted> {
  return { reason, remedy: continuationHint(again) };
}

/** Worded to hold whether or not any cluster was started or is left. */
function continuationHint(again: string): string {
  return `${again} does what is left`;
}

/** Reads the signals of operators and reports changes of the run's state. */
export class SignalListener {
  readonly #signals: () => readonly Signal[];
  readonly #commands: OperatorCommands;
  readonly #emit: EventSink;
  #signalCount = 0;
  #state = NO_SIGNALS;

  /** @param signals all signals so far; the list only grows */
  constructor(signals: () => readonly Signal[], commands: OperatorCommands, emit: EventSink) {
    this.#signals = signals;
    this.#commands = commands;
    this.#emit = emit;
  }

  /** How many signals have been read. */
  get signalCount(): number {
    return this.#signalCount;
  }

  get commands(): OperatorCommands {
    return this.#commands;
  }

  /** The state after the last `listen`. */
  get signalState(): SignalState {
    return this.#state;
  }

  /** Reads new signals. */
  listen(): SignalState {
    const signals = this.#signals();
    for (const signal of signals.slice(this.#signalCount)) {
      const before = this.#state;
      this.#state = afterSignal(before, signal);
      if (this.#state !== before) this.#report(signal);
    }
    this.#signalCount = signals.length;
    return this.#state;
  }

  /** Approvals are reported when the wave comes to them. */
  #report(signal: Signal): void {
    if (signal.kind === 'approve') return;
    const { kind, ...source } = signal;
    const { resume, later, again } = this.#commands;
    if (kind === 'pause') this.#emit({ type: 'run-paused', ...source, remedy: resume });
    else if (kind === 'resume') this.#emit({ type: 'run-resumed', ...source });
    else {
      const remedy = later === undefined ? continuationHint(again) : `to continue it later: ${later}`;
      this.#emit({ type: 'run-aborted', ...source, remedy });
    }
  }
}
