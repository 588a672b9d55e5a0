import type { Signal } from '../../core/signal.ts';
import type { WaveFacts } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-state.ts';

/**
 * What a rollout asks of whatever carries it out: this process does, and something that outlives it could. Moments are milliseconds
 * since the epoch.
 */
export interface FleetEngine {
  /** Looks at all clusters and plans; changes nothing. */
  look(): Promise<RunResult>;
  /** Looks at one cluster anew, plans and carries out. What fails is told by the result; what is thrown is a bug. */
  run(cluster: string): Promise<ClusterRun>;
  /** Looks at a cluster and plans, by the time at which it was run; changes nothing. @returns why it is not as a run would leave it, if that is so */
  lookAgain(cluster: string): Promise<string | undefined>;
  /** Calls the hooks that are told of waves. Each has a bounded time, and whatever becomes of them changes nothing of the rollout. */
  callWave(facts: WaveFacts): Promise<void>;
  /** What operators have said to the run until now, in that order: it only grows. */
  signals(): readonly Signal[];
  /** Resolves as soon as one of what is waited for has come, or the rollout is to begin nothing more. */
  wait(wake: Wake): Promise<void>;
  now(): number;
  /** Nothing more is to be begun. */
  readonly isStopping: boolean;
}

/** What ends a wait. */
export interface Wake {
  /** A moment; absent: none is waited for. */
  readonly until?: number;
  /** There are more signals than so many. */
  readonly heard: number;
  /** Nobody waits any more. */
  readonly over?: AbortSignal;
}

/** What has come of a cluster. */
export interface ClusterRun {
  readonly result: RunResult;
  /** Hosts that were left because a window did not let them be changed. */
  readonly shut: readonly string[];
  /** The run was aborted while the cluster still waited for its checks: nothing of it was begun. */
  readonly isNotStarted?: true;
}
