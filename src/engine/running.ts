import type { Change } from '../core/plan.ts';
import type { Outcome, StepFailure } from '../core/step.ts';
import type { World } from '../core/world.ts';
import { summaryOf } from './changes.ts';
import type { HostRun } from './host-run.ts';
import type { HostTaskPlan, PlannedCall } from './planner.ts';
import { callsIn } from './stage-part.ts';
import type { TaskCall } from './task-input.ts';

/** A task that is being carried out on one host. */
export interface Running {
  readonly host: HostRun;
  /** The play's other hosts, as they were known when the task began. */
  readonly peers: ReadonlyMap<string, World>;
  readonly started: number;
  planned: HostTaskPlan;
  readonly outcomes: Map<PlannedCall, Outcome>;
  /** What calls have failed with that did not come to an end; of a loop the others go on. */
  readonly failures: Map<PlannedCall, StepFailure>;
  done: Change[];
  /** What is in hand: of a loop, one of its entries. */
  current?: TaskCall;
  ended: boolean;
}

/** The calls of a stage that have not failed. */
export function callsLeft({ planned, failures, host }: Running, stage: string | undefined): ReturnType<typeof callsIn> {
  return callsIn(planned, stage, host.state.world).filter(({ call }) => !failures.has(call));
}

/** Why a task ended well, in a clause. */
export function reasonOf({ planned: { plan }, done, failures }: Running, told: string | undefined): string {
  const [failure] = failures.values();
  if (failure && done.length === 0) return `${failure.message}: failed_when does not mind`;
  switch (plan.action) {
    case 'none':
      return plan.reason;
    case 'check':
      return told ?? 'as it should be';
    default:
      return summaryOf(done);
  }
}

/** What the task was there to show, entry by entry. */
export function saidBy({ planned: { calls } }: Running): readonly string[] {
  return calls.flatMap(({ plan }) => (plan.action === 'none' ? (plan.says ?? []) : []));
}
