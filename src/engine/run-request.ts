import type { PlayPlan } from '../core/events/plan.ts';
import type { HookMoment } from '../core/events/play.ts';
import type { TaskRef } from '../core/events/task.ts';
import type { ProblemCode } from '../core/problems/code.ts';
import type { Connector } from '../core/session.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { Surroundings } from './program/place.ts';
import type { UndoTools } from './run/undo.ts';
import type { ClusterTiming } from './run/window-gate.ts';

/** What a run is asked for. */
export interface RunRequest {
  readonly plays: readonly CompiledPlay[];
  readonly surroundings: Surroundings;
  readonly connector: Connector;
  /** What is due is judged by it: now, or when the plan was saved. */
  readonly now: Date;
  readonly runId: string;
  readonly tools: UndoTools;
  /** When clusters may be changed; absent: at any time. */
  readonly timing?: ClusterTiming;
  /** Aborted when nothing new is to be begun. */
  readonly stop: AbortSignal;
  /** A plan as it may be shown, saved and compared with a saved one: without the secrets that are known by now. */
  readonly conceal?: (plan: PlayPlan) => PlayPlan;
}

/** What a hook is told of its play. */
export interface HookFacts {
  /** The run's. */
  readonly id: string;
  readonly play: string;
  readonly hosts: readonly string[];
  readonly changed: readonly string[];
  readonly failed: readonly string[];
  readonly refused: readonly string[];
  readonly unreachable: readonly string[];
}

/** What a hook is told of a wave of its play. Clusters are given by name. */
export interface WaveFacts {
  readonly wave: string;
  /** Which wave, from 1. */
  readonly number: number;
  /** How many there are. */
  readonly of: number;
  /** None of its clusters has been begun, or all that were have ended and its soak is over. */
  readonly at: 'begin' | 'end';
  readonly clusters: readonly string[];
  /** Theirs. */
  readonly hosts: readonly string[];
  /** Of those that have ended: all is well. */
  readonly done: readonly string[];
  readonly failed: readonly string[];
  /** Outside their windows, or not begun before the rollout ended. */
  readonly left: readonly string[];
}

/** The same, of a run. */
export type RunWaveFacts = WaveFacts & Pick<HookFacts, 'id' | 'play'>;

/**
 * Calls the hooks of a play that are for a moment, one after another, each with a bounded wait.
 * @returns what has failed and why, in a clause, of the first that did; those behind it are then called only at the play's end.
 */
export type HookCaller = (
  play: CompiledPlay,
  moment: HookMoment,
  facts: HookFacts | RunWaveFacts,
) => Promise<string | undefined>;

/** Why nothing more is begun, and what to do. */
export interface WhyNot {
  /** In a clause. */
  readonly reason: string;
  readonly remedy: string;
}

/** Whether a task is to be done on these hosts (`--step`). */
export type AskBefore = (task: TaskRef, hosts: readonly string[]) => Promise<boolean>;

/** Why a cluster is refused before its first change. */
export interface Forbidden extends WhyNot {
  readonly code: ProblemCode;
}

/** The same, to be applied. */
export interface ApplyRequest extends RunRequest {
  /** Asked after the plans of a play, one for each cluster, were shown, when there is something to change. */
  readonly confirm?: (plans: readonly PlayPlan[]) => Promise<boolean>;
  /** Absent: hooks are not called. */
  readonly callHooks?: HookCaller;
  /** Asked before a cluster of a play is begun, which waits for the answer: why this one and those behind it stay as they are. */
  readonly whyNot?: () => Promise<WhyNot | undefined>;
  /** Asked before each task that is to do something; absent: all of them are done. */
  readonly askBefore?: AskBefore;
  /** Asked before the first change of a cluster, which waits for the answer: why it is refused. */
  readonly forbids?: (hosts: readonly string[]) => Promise<Forbidden | undefined>;
  /** How many clusters of a play are worked on side by side; their hosts share `forks`. */
  readonly sideBySide: number;
  /** A saved plan, play by play: hosts that would now be changed otherwise are refused. */
  readonly saved?: readonly PlayPlan[];
}
