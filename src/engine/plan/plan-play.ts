import type { Problems } from '../../core/diagnostic.ts';
import type { HostState } from '../hosts/host-state.ts';
import { walkPlay } from '../walk/walk.ts';
import type { PlansByHost } from './host-task-plan.ts';
import { PlanDriver, type PlayPlanning } from './plan-driver.ts';
import type { PlannerInput } from './plan-task.ts';
import type { StandIns } from './stand-ins.ts';

/** How a play is planned. */
export interface PlanningOptions {
  /** Collects templates without a value. */
  readonly problems?: Problems;
  /** Plans of refused hosts: they are kept as they are, and these hosts do nothing for others. */
  readonly refused?: PlansByHost;
  /** Hosts of one batch are planned side by side, each batch on the result of the previous one. Absent: a single batch. */
  readonly batches?: readonly (readonly string[])[];
  /** Whether no further batch begins after one in which no host succeeds. Default: false. */
  readonly endsBehindLostBatch?: boolean;
  /** Given if the planned hosts represent others (`alike`). */
  readonly standIns?: StandIns;
}

/**
 * Plans a play on the same walk that the run will take: each task against the worlds that the earlier tasks lead to. Pure. The
 * result names the missing facts, so planning on empty worlds is how a play tells what it needs.
 */
export function planPlay(
  input: PlannerInput,
  hosts: ReadonlyMap<string, HostState>,
  {
    problems,
    refused = new Map(),
    batches = [[...hosts.keys()]],
    endsBehindLostBatch = false,
    standIns,
  }: PlanningOptions = {},
): PlayPlanning {
  const driver = new PlanDriver(input, hosts, refused, problems, standIns);
  const { body, handlers, forceHandlers, isFree } = input.play;
  const walk = walkPlay({
    body,
    handlers,
    forceHandlers,
    batches,
    // Hosts that are checked as one class go in step.
    isFree: isFree && standIns === undefined,
    // A predictable failure does not end a plan: it shows every host to its end.
    isTolerable: () => true,
    stopOnFailure: false,
    endsBehindLostBatch,
    supposes: true,
    takesPart: (host) => hosts.has(host) && !refused.has(host),
  });
  return driver.planning(hosts, driver.drive(walk));
}
