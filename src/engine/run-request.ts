import type { PlayPlan } from '../core/events/plan.ts';
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

/** The same, to be applied. */
export interface ApplyRequest extends RunRequest {
  /** Asked after the plans of a play, one for each cluster, were shown, when there is something to change. */
  readonly confirm?: (plans: readonly PlayPlan[]) => Promise<boolean>;
  /** A saved plan, play by play: hosts that would now be changed otherwise are refused. */
  readonly saved?: readonly PlayPlan[];
}
