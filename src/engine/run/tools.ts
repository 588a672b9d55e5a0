import type { EventSink } from '../../core/events/event.ts';
import type { Journal } from '../../core/journal.ts';

/** What carrying out a task needs from the caller of the run. */
export interface ExecutionTools {
  readonly emit: EventSink;
  readonly journal: Journal;
  readonly clock: () => Date;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Aborted when everything has to end at once. */
  readonly abort: AbortSignal;
  readonly forks: number;
  /** Who holds the locks of this run, for people. */
  readonly holder: string;
}
