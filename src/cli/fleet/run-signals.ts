import type { EventSink } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { StrangeSignals, signalsIn } from '../../journal/signals.ts';

/** Signals that operators have sent to a run, and their approvals for runs that it resumes. */
export class RunSignals {
  readonly #own: string;
  readonly #earlier: readonly string[];
  readonly #emit: EventSink;
  #approved: readonly Signal[] | undefined;
  #known: readonly Signal[] = [];
  #isUnreadReported = false;

  /** @param own the directory of the run. @param earlier those of the runs that it resumes */
  constructor(own: string, earlier: readonly string[], emit: EventSink) {
    this.#own = own;
    this.#earlier = earlier;
    this.#emit = emit;
  }

  /** Unreadable signals are ignored, with a warning: the file may be repaired while the run goes on. */
  readonly read = (): readonly Signal[] => {
    try {
      this.#approved ??= this.#earlier.flatMap(signalsIn).filter(({ kind }) => kind === 'approve');
      this.#known = [...this.#approved, ...signalsIn(this.#own)];
    } catch (error) {
      const why = error instanceof StrangeSignals ? error.message : describeSystemError(error);
      if (!this.#isUnreadReported)
        this.#emit({
          type: 'warning',
          hosts: [],
          message: `the signals to this run cannot be read: ${why}`,
          remedy: 'let the user of this run read signals.ndjson in its directory; kplay retries each second',
        });
      this.#isUnreadReported = true;
    }
    return this.#known;
  };
}
