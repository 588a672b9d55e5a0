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

/** Restoring a host has ended. */
export interface UndoFinishedEvent extends InCluster {
  readonly type: 'undo-finished';
  readonly host: string;
  /** Whether the host is as it was before. */
  readonly succeeded: boolean;
  /** What was done, or what went wrong. */
  readonly message: string;
  /** What to do about it, if it went wrong. */
  readonly remedy?: string;
  /** How long it took. */
  readonly elapsedMs: number;
}
