import type { Host } from '../../core/host.ts';
import type { WriteSession } from '../../core/session.ts';
import type { Order } from '../../core/strategy.ts';
import type { Delegates } from '../hosts/delegates.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import type { PlansByHost } from '../plan/host-task-plan.ts';
import type { PlannerInput } from '../plan/plan-task.ts';
import type { ConfirmTask } from '../run-request.ts';
import type { WalkEnd } from '../walk/request.ts';
import type { HostRun } from './host-run.ts';
import type { RunTools } from './tools.ts';
import type { WindowGate } from './window-gate.ts';

/** A planned play to be carried out. */
export interface PlayExecution {
  readonly input: PlannerInput;
  readonly plans: PlansByHost;
  readonly order: Order;
  readonly hosts: ReadonlyMap<string, HostRun>;
  /** How the play ends according to its plan. */
  readonly plannedEnd: WalkEnd;
  /** Hosts that the plan does not start, because no host of an earlier batch succeeds. */
  readonly notStarted: ReadonlySet<string>;
  /** Hosts outside the play that tasks are delegated to. */
  readonly delegates: Delegates<WriteSession>;
  /** Opens a new connection to a host. @throws {UnreachableError} */
  readonly reopen: (host: Host) => Promise<HostSessions<WriteSession>>;
  readonly tools: RunTools;
  /** Checked right before each batch that has work. */
  readonly window: WindowGate;
  /** Aborted when nothing new may be started; work in progress is completed. */
  readonly stop: AbortSignal;
  /** Lets failed and lost hosts among these take part in the next play again. */
  readonly clearErrors: (hosts: readonly string[]) => void;
  /** Asked before each task that has something to do. */
  readonly confirmTask?: ConfirmTask;
  /** Observes again, right before a batch that waited for others or was observed long ago. */
  readonly refresh: (batch: readonly HostRun[]) => Promise<void>;
}
