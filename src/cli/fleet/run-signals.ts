import type { EventSink } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import { describeSystemError, isOutOfFiles } from '../../core/system-error.ts';
import { StrangeSignals, signalsIn } from '../../journal/signals.ts';

/** Signals that operators have sent to a run, and the approvals that it inherits. */
export class RunSignals {
  readonly #own: string;
  readonly #inherit: () => readonly Signal[];
  readonly #emit: EventSink;
  #inherited: readonly Signal[] | undefined;
  #known: readonly Signal[] = [];
  #isUnreadReported = false;

  /** @param own the directory of the run. @param inherit reads the approvals of the runs that it resumes */
  constructor(own: string, inherit: () => readonly Signal[], emit: EventSink) {
    this.#own = own;
    this.#inherit = inherit;
    this.#emit = emit;
  }

  /** Unreadable signals are ignored, with a warning: the file may be repaired while the run goes on. */
  readonly read = (): readonly Signal[] => {
    try {
      this.#inherited ??= this.#inherit();
      this.#known = [...this.#inherited, ...signalsIn(this.#own)];
    } catch (error) {
      const why = error instanceof StrangeSignals ? error.message : describeSystemError(error);
      if (!this.#isUnreadReported)
        this.#emit({
          type: 'warning',
          hosts: [],
          message: `the signals to this run cannot be read: ${why}`,
          remedy: isOutOfFiles(error)
            ? 'raise the limit of open files (ulimit -Hn) before the next run; kplay retries each second'
            : 'let the user of this run read signals.ndjson in its directory; kplay retries each second',
        });
      this.#isUnreadReported = true;
    }
    return this.#known;
  };
}
