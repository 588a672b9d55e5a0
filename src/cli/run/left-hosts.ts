import type { HostLeft, HostRecap } from '../../core/events/recap.ts';
import { isFinished } from '../../core/host-state.ts';
import type { RunResult } from '../../engine/run-result.ts';

/** By host, how earlier runs have left it; without those that are as they were before these runs. */
export type LeftHosts = ReadonlyMap<string, HostLeft>;

/**
 * The result of a run that resumes others. Of a host that it has not finished it must not say `unchanged`: what they have done there stands.
 */
export function withLeft<Result extends RunResult>(result: Result, left: LeftHosts = new Map()): Result {
  const hosts = result.hosts.map((recap): HostRecap => {
    const before = left.get(recap.host);
    return before && recap.state === 'unchanged' && !isFinished(recap)
      ? { ...recap, state: 'as-left', left: before }
      : recap;
  });
  return { ...result, hosts };
}
