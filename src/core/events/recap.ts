import type { ClusterRef } from '../cluster.ts';
import type { Change } from '../plan.ts';

/**
 * The state of a host at the end of a run. `restored`: its changes were undone. `restoring`: it is undoing them itself.
 * `partly-changed`: the run stopped on the way. `not-restored`: the same, and its changes could not be undone. `unproven`: they
 * were undone, and the connection was lost, or the run interrupted twice, before that was proven. `unknown`: the connection was lost after changes. `as-left`: the run has neither changed nor finished it, and a run that it resumes has left it
 * other than it was before.
 */
export type HostStateCode =
  | 'unchanged'
  | 'changed'
  | 'restored'
  | 'restoring'
  | 'partly-changed'
  | 'not-restored'
  | 'unproven'
  | 'unknown'
  | 'as-left';

/**
 * Why a host was not started or is not known about, for programs. `window-shut`: the window of its cluster was shut before its
 * batch. `not-followed`: a Temporal server may still keep its rollout, which is no longer followed here. `not-known`: the same,
 * but the server no longer knows the rollout.
 */
export type StopCode = 'window-shut' | 'not-followed' | 'not-known';

/** Where a host left a play before its end. */
export interface HostStop {
  readonly why: 'failed' | 'refused' | 'cancelled' | 'unreachable';
  /** The name of the task, or of what precedes the tasks: `taking its lock`. */
  readonly at: string;
  /** The path of the task; absent if no task was started. */
  readonly path?: string;
  /** Absent for all other reasons. */
  readonly code?: StopCode;
}

/** How an earlier run has left a host, according to the journal of that run. */
export interface HostLeft {
  /** The id of that run. */
  readonly run: string;
  /** In words: `changed`, `partly changed: stopped at 'Restart'`. */
  readonly state: string;
  /** Whether that run came through on it. */
  readonly isWell: boolean;
}

/** How far the undo of a host came of which some steps were done, and not all; or all, the last one without its proof. */
export interface PartialUndo {
  /** The steps that were done. */
  readonly done: readonly string[];
  /** The one that was not done, or not proven, or several, separated by commas. */
  readonly failed: string;
  /** Why; several are separated by semicolons. */
  readonly reason: string;
}

/** The result of one host. */
export interface HostRecap {
  readonly host: string;
  /** Its cluster, if the run has hosts of several. */
  readonly cluster?: ClusterRef;
  /** Tasks that ended well, including those that changed something. */
  readonly ok: number;
  /** Tasks that changed something, or would have in check mode. */
  readonly changed: number;
  /** Tasks during which it was lost; 1 if it was never reached. */
  readonly unreachable: number;
  /** Tasks that failed without being rescued. */
  readonly failed: number;
  /** Tasks that were skipped. */
  readonly skipped: number;
  /** Tasks that failed and were ignored; they also count as `ok`. */
  readonly ignored: number;
  /** Tasks that were refused; 1 if the host took no part. */
  readonly refused: number;
  /** Failed tasks whose block rescued them. */
  readonly rescued: number;
  /** 1 if it was restored. */
  readonly restored: number;
  readonly state: HostStateCode;
  /** With the state `as-left`. */
  readonly left?: HostLeft;
  /** For `not-restored`, if some of it was undone, and for `unproven`. */
  readonly undone?: PartialUndo;
  /** Where it left the run; absent if it finished, and if it took no part. */
  readonly stopped?: HostStop;
  /** Every change that was made and not undone. */
  readonly changes: readonly Change[];
}
