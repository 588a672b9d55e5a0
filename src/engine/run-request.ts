import type { PlayPlan } from '../core/events/plan.ts';
import type { HookMoment } from '../core/events/play.ts';
import type { TaskRef } from '../core/events/task.ts';
import type { ProblemCode } from '../core/problems/code.ts';
import type { Connector } from '../core/session.ts';
import type { ClusterTiming } from './clusters/cluster-timing.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { Surroundings } from './program/place.ts';
import type { RunTools } from './run/tools.ts';

/** The input of a run, and its tools. */
export interface RunRequest {
  readonly plays: readonly CompiledPlay[];
  readonly surroundings: Surroundings;
  readonly connector: Connector;
  /** The time at which certificates are judged: now, or when the plan was saved. */
  readonly now: Date;
  readonly runId: string;
  /**
   * When this process began the run, or resumed it after waiting for a window. An earlier process may have begun it under the
   * same id.
   */
  readonly begunAt: Date;
  readonly tools: RunTools;
  /** When clusters may be changed; absent: at any time. */
  readonly timing?: ClusterTiming;
  /** The plays are on a part of the run's clusters: even a single one is named in events. */
  readonly isPart?: boolean;
  /** Aborted when nothing new may be started. */
  readonly stop: AbortSignal;
  /** Masks all secrets known so far in a plan, before it is shown, saved or compared with a saved one. */
  readonly conceal?: (plan: PlayPlan) => PlayPlan;
}

/** What a hook is told about its play (`kplay_run`). */
export interface HookFacts {
  /** Id of the run. */
  readonly id: string;
  readonly play: string;
  readonly hosts: readonly string[];
  readonly changed: readonly string[];
  readonly failed: readonly string[];
  readonly refused: readonly string[];
  readonly unreachable: readonly string[];
}

/** What a hook is told about a wave of its play. Clusters are given by name. */
export interface WaveFacts {
  readonly wave: string;
  /** Number of the wave, from 1. */
  readonly number: number;
  /** Number of waves. */
  readonly of: number;
  /** `begin`: before its first cluster. `end`: its clusters have ended and its soak is over. */
  readonly at: 'begin' | 'end';
  readonly clusters: readonly string[];
  /** The hosts of all its clusters. */
  readonly hosts: readonly string[];
  /** Clusters that succeeded. */
  readonly done: readonly string[];
  readonly failed: readonly string[];
  /** Clusters outside their windows, and those that were not started before the rollout ended. */
  readonly left: readonly string[];
}

/** The same, with the run and the play. */
export type RunWaveFacts = WaveFacts & Pick<HookFacts, 'id' | 'play'>;

/**
 * Calls the hooks of a play for one moment, one after another, each with a time limit. If a hook fails at the start of a play,
 * the following ones are not called.
 * @returns which hook failed first and why, as a clause; undefined if none failed
 */
export type HookCaller = (
  play: CompiledPlay,
  moment: HookMoment,
  facts: HookFacts | RunWaveFacts,
) => Promise<string | undefined>;

/** Why no further cluster is started, and what to do about it. */
export interface StopReason {
  /** As a clause. */
  readonly reason: string;
  readonly remedy: string;
}

/** Asks whether a task should be run on these hosts (`--step`). */
export type ConfirmTask = (task: TaskRef, hosts: readonly string[]) => Promise<boolean>;

/** Why a cluster is refused before its first change, with the code. */
export interface Forbidden extends StopReason {
  readonly code: ProblemCode;
}

/** A run that may change hosts, with the questions that it asks on the way. */
export interface ApplyRequest extends RunRequest {
  /** Asked after the plans of a play (one per cluster) were shown, if there is something to change. Absent: not asked. */
  readonly confirm?: (plans: readonly PlayPlan[]) => Promise<boolean>;
  /** Absent: no hooks are called. */
  readonly callHooks?: HookCaller;
  /** Awaited before each cluster is started. Returns why this and all later clusters are not started; undefined: go on. */
  readonly stopReason?: () => Promise<StopReason | undefined>;
  /** Asked before each task that has something to do. Absent: all tasks are run. */
  readonly confirmTask?: ConfirmTask;
  /** Awaited before the first change of a cluster. Returns why it is refused; undefined: it may be changed. */
  readonly forbids?: (hosts: readonly string[]) => Promise<Forbidden | undefined>;
  /** How many clusters of a play are worked on at the same time; their hosts share `forks`. */
  readonly sideBySide: number;
  /** A saved plan, by play: hosts that would now be changed differently are refused. */
  readonly saved?: readonly PlayPlan[];
}
