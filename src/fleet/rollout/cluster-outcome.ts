import type { ClusterOutcome } from '../../core/events/play.ts';
import { mergedResults, type RunResult, UNTOUCHED } from '../../engine/run-state.ts';

/** The gravest of what its hosts have come to. */
export function outcomeOf({ failed, refused, unreachable, hosts, left, mistake }: RunResult): ClusterOutcome {
  if (failed.length > 0 || mistake !== undefined) return 'failed';
  if (refused.length > 0) return 'refused';
  if (unreachable.length > 0) return 'unreachable';
  return left.length > 0 || hosts.some(({ stopped }) => stopped?.why === 'cancelled') ? 'cancelled' : 'ok';
}

/** What a look says of the hosts of one cluster. */
export function partOf(look: RunResult, name: string, members: readonly string[]): RunResult {
  const own = (hosts: readonly string[]): readonly string[] => hosts.filter((host) => members.includes(host));
  return {
    ...look,
    hosts: look.hosts
      .filter(({ host }) => members.includes(host))
      .map((recap) => ({ ...recap, cluster: { kind: 'declared', name } })),
    unreachable: own(look.unreachable),
    refused: own(look.refused),
    failed: own(look.failed),
    left: own(look.left),
  };
}

/** With what the look at all has found out about a cluster that is never begun: that a host cannot be reached has happened all the same. */
export function withLook(result: RunResult, look: RunResult, name: string, members: readonly string[]): RunResult {
  return mergedResults(result, { ...partOf(look, name, members), plans: [], late: [] });
}

/** With the hosts of a cluster that was not begun. */
export function withUntouched(result: RunResult, name: string, members: readonly string[]): RunResult {
  const known = new Set(result.hosts.map(({ host }) => host));
  const untouched = members
    .filter((host) => !known.has(host))
    .map((host) => ({ ...UNTOUCHED, host, cluster: { kind: 'declared', name } as const }));
  return { ...result, hosts: [...result.hosts, ...untouched] };
}

/** A cluster that was done has failed all the same. @param at by what: `the look after the soak` */
export function failedAfterwards(result: RunResult, members: readonly string[], at: string): RunResult {
  const stopped = { why: 'failed', at } as const;
  return {
    ...result,
    failed: [...result.failed, ...members],
    hosts: result.hosts.map((recap) =>
      members.includes(recap.host) ? { ...recap, failed: recap.failed + 1, stopped } : recap,
    ),
  };
}
