import type { EventSink } from '../../core/events/event.ts';
import type { Journal } from '../../core/journal.ts';
import type { Registry } from '../../core/registry.ts';

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

/** What a whole run needs: for its locks, and for the undo of its hosts, as well. */
export interface RunTools extends ExecutionTools {
  readonly registry: Registry;
  /** Whether a run that holds a lock under this name has ended, as far as this machine can tell. */
  readonly hasEnded: (holder: string) => boolean;
  /** The command that removes the lock of a host. */
  readonly unlockCommand: (host: string) => string;
}
