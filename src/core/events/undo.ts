import type { Evidence } from './evidence.ts';
import type { InCluster } from './in-cluster.ts';

/** A failed host is being restored. */
export interface UndoStartedEvent extends InCluster {
  readonly type: 'undo-started';
  readonly host: string;
  /** The step that undoes its changes. */
  readonly step: string;
  /** Why, in a clause. */
  readonly because: string;
}

/** A step of restoring a host has ended. */
export interface UndoFinishedEvent extends InCluster {
  readonly type: 'undo-finished';
  readonly host: string;
  /** Whether the step has undone what it undoes. The host is as it was before if no steps are `remaining`. */
  readonly succeeded: boolean;
  /** It was carried out, and the connection was lost, or the run interrupted twice, before that was proven; `succeeded` is false then. */
  readonly unproven?: true;
  /** The steps of the undo that come after it, and those before it that have left something; absent if there are none. */
  readonly remaining?: readonly string[];
  /** What was done, or what went wrong. */
  readonly message: string;
  /** What was seen of it, if it went wrong, such as the last output of a command. */
  readonly details?: readonly Evidence[];
  /** What to do about it, if it went wrong. */
  readonly remedy?: string;
  /** How long it took. */
  readonly elapsedMs: number;
}
