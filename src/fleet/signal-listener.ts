import type { EventSink } from '../core/events/event.ts';
import type { RolloutStoppedEvent } from '../core/events/rollout.ts';
import { afterSignal, NO_SIGNALS, type Said, type Signal, type Standing } from '../core/signal.ts';

/** The commands with which operators speak to a run. */
export interface OperatorCommands {
  readonly approve: (wave: string) => string;
  /** Lifts a pause. */
  readonly resume: string;
  /** Goes on with the run when it has ended; absent: that cannot be. */
  readonly later?: string;
  /** What does the rest then, whatever the run is: `the same command`. */
  readonly again: string;
}

/** Why a run that somebody has aborted begins nothing more. */
export function whyAborted(
  { by, reason }: Pick<Said, 'by' | 'reason'>,
  { again }: Pick<OperatorCommands, 'again'>,
): Pick<RolloutStoppedEvent, 'reason' | 'remedy'> {
  return {
    reason: `aborted by ${by}${reason === undefined ? '' : `: ${reason}`}`,
    remedy: goingOn(again),
  };
}

/** Whether any cluster was begun, or is left, is not known as it is said. */
function goingOn(again: string): string {
  return `${again} does what is left`;
}

/** Listens to what operators say to a run; what changes its standing is reported at once. */
export class SignalListener {
  readonly #signals: () => readonly Signal[];
  readonly #commands: OperatorCommands;
  readonly #emit: EventSink;
  #heard = 0;
  #standing = NO_SIGNALS;

  /** @param signals all until now; they only grow */
  constructor(signals: () => readonly Signal[], commands: OperatorCommands, emit: EventSink) {
    this.#signals = signals;
    this.#commands = commands;
    this.#emit = emit;
  }

  /** How many signals have been heard. */
  get heard(): number {
    return this.#heard;
  }

  get commands(): OperatorCommands {
    return this.#commands;
  }

  /** As it was when it was listened for the last time. */
  get standing(): Standing {
    return this.#standing;
  }

  /** Hears what is new. */
  listen(): Standing {
    const signals = this.#signals();
    for (const signal of signals.slice(this.#heard)) {
      const before = this.#standing;
      this.#standing = afterSignal(before, signal);
      if (this.#standing !== before) this.#report(signal);
    }
    this.#heard = signals.length;
    return this.#standing;
  }

  /** That a wave is approved is reported when the wave comes to it. */
  #report(signal: Signal): void {
    if (signal.kind === 'approve') return;
    const { kind, ...said } = signal;
    const { resume, later, again } = this.#commands;
    if (kind === 'pause') this.#emit({ type: 'run-paused', ...said, remedy: resume });
    else if (kind === 'resume') this.#emit({ type: 'run-resumed', ...said });
    else {
      const remedy = later === undefined ? goingOn(again) : `to continue it later: ${later}`;
      this.#emit({ type: 'run-aborted', ...said, remedy });
    }
  }
}
