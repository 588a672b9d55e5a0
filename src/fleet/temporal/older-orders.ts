import type { PlayPlan } from '../../core/events/plan.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { OrderVersion } from './orders.ts';

/**
 * What a worker has reported, as a rollout of this version takes it: up to 4, what only the run decides did not count. A rollout
 * has to go on as it has begun.
 */
export function asOfVersion(version: OrderVersion, result: RunResult): RunResult {
  return version < 5 ? { ...result, plans: result.plans.map(certainOf) } : result;
}

function certainOf(plan: PlayPlan): PlayPlan {
  const hosts = plan.hosts.map((host) => ({
    ...host,
    tasks: host.tasks.filter(({ condition }) => condition === undefined),
  }));
  return { ...plan, hosts };
}
