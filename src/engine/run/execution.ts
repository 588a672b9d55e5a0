import type { Host } from '../../core/host.ts';
import type { WriteSession } from '../../core/session.ts';
import type { Order } from '../../core/strategy.ts';
import type { Delegates } from '../hosts/delegates.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import { alters, changesOf } from '../plan/changes.ts';
import type { HostTaskPlans, PlannedPlay, PlannerInput } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { AskBefore } from '../run-request.ts';
import type { WalkEnd } from '../walk/request.ts';
import type { HostRun } from './host-run.ts';
import type { UndoTools } from './undo.ts';
import type { WindowGate } from './window-gate.ts';

/** A planned play that is to be carried out. */
export interface PlayExecution {
  readonly input: PlannerInput;
  readonly plans: PlannedPlay;
  readonly order: Order;
  readonly hosts: ReadonlyMap<string, HostRun>;
  /** How the play ends by its plan. */
  readonly plannedEnd: WalkEnd;
  /** Hosts that the plan does not begin, because of a batch of which no host comes through. */
  readonly notStarted: ReadonlySet<string>;
  /** Hosts that are not of the play and do something for those that are. */
  readonly delegates: Delegates<WriteSession>;
  /** Connects a host anew. @throws {UnreachableError} */
  readonly reopen: (host: Host) => Promise<HostSessions<WriteSession>>;
  /** Where hosts that cannot be reached may go on (`ignore_unreachable`). */
  readonly ignoresUnreachable: boolean;
  readonly tools: UndoTools;
  /** Asked right before each batch that has work. */
  readonly window: WindowGate;
  /** Aborted when nothing new is to be begun; what is in hand is brought to its end. */
  readonly stop: AbortSignal;
  /** Those of these hosts that have failed or were lost are to take part in the next play again. */
  readonly clearErrors: (hosts: readonly string[]) => void;
  /** Asked before each task that is to do something. */
  readonly askBefore?: AskBefore;
  /** Looks again, right before a batch that others went before, or that was seen long ago. */
  readonly refresh: (batch: readonly HostRun[]) => Promise<void>;
}

/** Something is to be done for certain, or it is not known yet whether it is. */
export function hasWork(plans: HostTaskPlans | undefined): boolean {
  return [...(plans?.values() ?? [])].some(
    ({ plan, condition }) => condition === undefined && plan.action !== 'none' && plan.action !== 'skip',
  );
}

/** What is not known yet may come to a change, unless its task has none to make. */
export function mayWrite(tasks: readonly CompiledTask[], plans: HostTaskPlans | undefined): boolean {
  return tasks.some(({ ref, step, changesNothing }) => {
    const plan = plans?.get(ref.path)?.plan;
    if (plan?.action === 'unknown') return step.apply !== undefined && !changesNothing;
    return plan !== undefined && changesOf(plan).some(alters);
  });
}
