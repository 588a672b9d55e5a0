import type { PlayPlan } from '../core/events/plan.ts';
import type { HookMoment } from '../core/events/play.ts';
import type { TaskRef } from '../core/events/task.ts';
import type { ProblemCode } from '../core/problems/code.ts';
import type { Connector } from '../core/session.ts';
import type { ClusterTiming } from './clusters/cluster-timing.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { Surroundings } from './program/place.ts';
import type { UndoTools } from './run/undo.ts';

/** What a run works on, and with. */
export interface RunRequest {
  readonly plays: readonly CompiledPlay[];
  readonly surroundings: Surroundings;
  readonly connector: Connector;
  /** The time by which it is judged what is due: now, or when the plan was saved. */
  readonly now: Date;
  readonly runId: string;
  /**
   * When this process began the run, or went on with it after it had waited for a window; another one may have begun it before, under
   * the same id.
   */
  readonly begunAt: Date;
  readonly tools: UndoTools;
  /** When clusters may be changed; absent: at any time. */
  readonly timing?: ClusterTiming;
  /** Aborted when nothing new is to be begun. */
  readonly stop: AbortSignal;
  /** Takes the secrets that are known by now out of a plan, before it is shown, saved or compared with a saved one. */
  readonly conceal?: (plan: PlayPlan) => PlayPlan;
}

/** What a hook learns about its play (`kplay_run`). */
export interface HookFacts {
  /** The id of the run. */
  readonly id: string;
  readonly play: string;
  readonly hosts: readonly string[];
  readonly changed: readonly string[];
  readonly failed: readonly string[];
  readonly refused: readonly string[];
  readonly unreachable: readonly string[];
}

/** What a hook learns about a wave of its play. Clusters are given by name. */
export interface WaveFacts {
  readonly wave: string;
  /** Which wave, from 1. */
  readonly number: number;
  /** How many there are. */
  readonly of: number;
  /** `begin`: before its first cluster. `end`: its clusters have ended and its soak is over. */
  readonly at: 'begin' | 'end';
  readonly clusters: readonly string[];
  /** The hosts of all its clusters. */
  readonly hosts: readonly string[];
  /** Clusters that have ended well. */
  readonly done: readonly string[];
  readonly failed: readonly string[];
  /** Clusters outside their windows, and those that were not begun before the rollout ended. */
  readonly left: readonly string[];
}

/** The same with the run and the play that it belongs to. */
export type RunWaveFacts = WaveFacts & Pick<HookFacts, 'id' | 'play'>;

/**
 * Calls the hooks of a play for one moment, one after another, each with a time limit.
 * @returns which was the first to fail and why, in a clause; undefined when none failed. At the start of a play the hooks behind a
 * failed one are not called.
 */
export type HookCaller = (
  play: CompiledPlay,
  moment: HookMoment,
  facts: HookFacts | RunWaveFacts,
) => Promise<string | undefined>;

/** Why no further cluster is begun, and what to do. */
export interface WhyNot {
  /** In a clause. */
  readonly reason: string;
  readonly remedy: string;
}

/** Asks whether a task is to be done on these hosts (`--step`). */
export type AskBefore = (task: TaskRef, hosts: readonly string[]) => Promise<boolean>;

/** Why a cluster is refused before its first change, and under which code. */
export interface Forbidden extends WhyNot {
  readonly code: ProblemCode;
}

/** A run that may change hosts, and what it asks on the way. */
export interface ApplyRequest extends RunRequest {
  /** Asked when the plans of a play, one for each cluster, were shown and there is something to change. Absent: not asked. */
  readonly confirm?: (plans: readonly PlayPlan[]) => Promise<boolean>;
  /** Absent: hooks are not called. */
  readonly callHooks?: HookCaller;
  /** Asked before each cluster begins, which waits for the answer: why it and all later ones are not begun; undefined: begin. */
  readonly whyNot?: () => Promise<WhyNot | undefined>;
  /** Asked before each task that has something to do. Absent: all tasks are done. */
  readonly askBefore?: AskBefore;
  /** Asked before the first change of a cluster, which waits for the answer: why it is refused; undefined: it may be changed. */
  readonly forbids?: (hosts: readonly string[]) => Promise<Forbidden | undefined>;
  /** How many clusters of a play are worked on side by side; their hosts share `forks`. */
  readonly sideBySide: number;
  /** A saved plan, play by play: hosts that would now be changed otherwise are refused. */
  readonly saved?: readonly PlayPlan[];
}
