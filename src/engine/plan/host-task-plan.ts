import type { FactRef } from '../../core/fact.ts';
import type { StepCall, StepPlan, TaskPlan } from '../../core/plan.ts';
import type { PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { SkippedEntry } from '../program/registered.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { Doubt } from '../walk/request.ts';

/** What a task will do to a host: the shown plan, and the calls of its step behind it. */
export interface HostTaskPlan {
  readonly plan: TaskPlan;
  readonly calls: readonly PlannedCall[];
  /** Skipped entries of its loop, which have no call. */
  readonly skipped: readonly SkippedEntry[];
  /** It is skipped before its loop begins. */
  readonly isBeforeLoop?: true;
  /** Facts that have to be read before the plan is complete. */
  readonly missing: readonly MissingFact[];
  /** Delegates that have to be connected before the plan is complete. */
  readonly absent?: readonly string[];
  /** Why the host, or its delegate, is unreachable (`ignore_unreachable`): nothing is done then. */
  readonly unreachable?: string;
  /** Why it is uncertain that the host reaches this task: `only if 'Reload' changes something`. */
  readonly condition?: string;
  /** The host reaches it only behind a failure: without one, it is not carried out. */
  readonly onlyAfterFailure?: true;
  /** That condition is certain: a rescue catches the failure or refusal that is planned here. */
  readonly isCaught?: true;
  /** When only the run decides what the task does: `unless a task of 'Try' fails`, the block of whose `always` it is. */
  readonly unless?: string;
  /** In a run: the host for which it was planned, if that one is out and another one does it (`run_once`). */
  readonly inPlaceOf?: string;
  /** Only hosts behind a failure of such a block reach the task. */
  readonly isBehindFailure?: true;
}

/** A fact that has to be read. */
export interface MissingFact {
  readonly ref: FactRef;
  /** The host that it is read from, if not the planned one. */
  readonly actor?: string;
}

/** A call of a step with its plan. */
export interface PlannedCall extends TaskCall {
  readonly plan: StepPlan;
  /** The input of the plan. */
  readonly world: World;
  readonly context: PlanContext;
}

/** The plans of a host by task path, in planning order. */
export type HostTaskPlans = ReadonlyMap<string, HostTaskPlan>;

/** The plans of a play, by host. */
export type PlansByHost = ReadonlyMap<string, HostTaskPlans>;

/**
 * What binds the run at a task.
 * @param isBehindFailure it belongs to an `always` whose block has failed on some host
 */
export function planInRun(planned: HostTaskPlan | undefined, isBehindFailure: boolean): HostTaskPlan | undefined {
  if (planned?.isBehindFailure && !isBehindFailure) return undefined;
  return planned?.unless !== undefined && isBehindFailure ? { ...planned, condition: planned.unless } : planned;
}

/** That it is uncertain that the host reaches a task, in its plan. */
export function doubted(doubt: Doubt | undefined): Pick<HostTaskPlan, 'condition' | 'onlyAfterFailure'> {
  return doubt ? { condition: doubt.why, ...(doubt.isOfFailure && { onlyAfterFailure: true }) } : {};
}

/** A plan without calls. */
export function nothing(plan: TaskPlan, skipped: readonly SkippedEntry[] = []): HostTaskPlan {
  return { plan, calls: [], skipped, missing: [] };
}

/** The entries that the result of a skipped task lists; undefined: it has none, or its loop was not begun. */
export function skippedEntries({ loop }: CompiledTask, planned: HostTaskPlan): readonly SkippedEntry[] | undefined {
  return loop && !planned.isBeforeLoop ? planned.skipped : undefined;
}

/** The undo that this task defines for the changes of later tasks. */
export function undoOf({ plan }: HostTaskPlan): readonly StepCall[] | undefined {
  return plan.action === 'none' || plan.action === 'change' ? plan.undo : undefined;
}
