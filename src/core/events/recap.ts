import type { ClusterRef } from '../cluster.ts';
import type { Change } from '../plan.ts';

/**
 * In what state a host is at the end of a run. `restored`: its changes were taken back. `restoring`: it takes them back itself.
 * `partly-changed`: the run stopped on the way. `not-restored`: the same, and its changes could not be taken back. `unknown`: it was
 * changed, and then the connection was lost.
 */
export type HostStateCode =
  | 'unchanged'
  | 'changed'
  | 'restored'
  | 'restoring'
  | 'partly-changed'
  | 'not-restored'
  | 'unknown';

/** Where a host left a play before its end. */
export interface HostStop {
  readonly why: 'failed' | 'refused' | 'cancelled' | 'unreachable';
  /** The task's name, or what comes before the tasks: `taking its lock`. */
  readonly at: string;
  /** The task's path; absent where no task was started. */
  readonly path?: string;
}

/** What has come of one host. */
export interface HostRecap {
  readonly host: string;
  /** Which cluster it is of, when the run has hosts of several. */
  readonly cluster?: ClusterRef;
  /** Tasks that ended well, those that changed something included. */
  readonly ok: number;
  /** Tasks that changed something, or would have, had they not been only planned (`check_mode`). */
  readonly changed: number;
  /** Tasks during which it was lost; 1 when it was never reached. */
  readonly unreachable: number;
  /** Tasks that failed, and no rescue caught it. */
  readonly failed: number;
  /** Tasks that were skipped. */
  readonly skipped: number;
  /** Tasks that failed and were ignored; they count as `ok` too. */
  readonly ignored: number;
  /** Tasks that were refused; 1 when the host took no part. */
  readonly refused: number;
  /** Tasks that failed in a block whose rescue has caught it. */
  readonly rescued: number;
  /** 1 when it has been restored. */
  readonly restored: number;
  readonly state: HostStateCode;
  /** Where it left the run; absent when it has come through, and when it took no part. */
  readonly stopped?: HostStop;
  /** Every change made to it and not taken back. */
  readonly changes: readonly Change[];
}
