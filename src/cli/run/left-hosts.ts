import type { HostLeft, HostRecap } from '../../core/events/recap.ts';
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

/** Whether a run has gone through its tasks on a host, so that it knows the state of that host. */
export function isFinished({ ok, skipped, failed, unreachable, refused, stopped }: HostRecap): boolean {
  return ok + skipped > 0 && failed + unreachable + refused === 0 && !stopped;
}
