import type { Signal } from '../../core/signal.ts';
import type { WaveFacts } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';

/** Carries out a rollout's decisions: this process, or something that outlives it. Times are milliseconds since the epoch. */
export interface FleetEngine {
  /** Observes and plans all clusters; changes nothing. */
  look(): Promise<RunResult>;
  /**
   * Observes, plans and changes one cluster. Failures are part of the result; exceptions are bugs.
   * @param atOnce how many clusters at most are in progress with it
   * @param isBound nothing may be changed but what was planned when all clusters were observed
   */
  run(cluster: string, atOnce: number, isBound: boolean): Promise<ClusterRun>;
  /**
   * Observes and plans a cluster, with the reference time of its run; changes nothing.
   * @param atOnce how many clusters at most are observed with it
   * @returns why it is not in the state that a run would leave it in, if so
   */
  lookAgain(cluster: string, atOnce: number): Promise<string | undefined>;
  /** Calls the hooks for waves. Each has a time limit, and their results do not affect the rollout. */
  callWave(facts: WaveFacts): Promise<void>;
  /**
   * Calls `on_failure` for a cluster that is not run when its turn comes: it could not be reached or planned, or is refused
   * because of its windows. Absent where only workers call hooks.
   */
  callFailure?(cluster: string, result: RunResult): Promise<void>;
  /** The signals of operators so far, in order; the list only grows. */
  signals(): readonly Signal[];
  /** Resolves at the first of the given conditions, or when nothing more may be started. */
  wait(conditions: WakeConditions): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Nothing more may be started. */
  readonly isStopping: boolean;
  /** Why, in a clause, if it is not for an interruption of this process. */
  readonly whyStopping?: string | undefined;
}

/** Conditions that end a wait. */
export interface WakeConditions {
  /** A point in time, in milliseconds since the epoch; absent: none. */
  readonly until?: number;
  /** The number of signals already processed: one more ends the wait. */
  readonly signalCount: number;
  /** Cancels the wait. */
  readonly over?: AbortSignal;
}

/** The result of a cluster. */
export interface ClusterRun {
  readonly result: RunResult;
  /** Hosts that were left because a window did not allow changing them. */
  readonly shut: readonly string[];
  /** The run was aborted while the cluster waited for its checks: nothing of it was started. */
  readonly isNotStarted?: true;
}
