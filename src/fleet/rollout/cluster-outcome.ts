import type { ClusterOutcome } from '../../core/events/play.ts';
import { mergedResults, type RunResult, UNTOUCHED } from '../../engine/run-result.ts';

/** The worst result among its hosts. */
export function outcomeOf({ failed, refused, unreachable, hosts, left, mistake }: RunResult): ClusterOutcome {
  if (failed.length > 0 || mistake !== undefined) return 'failed';
  if (refused.length > 0) return 'refused';
  if (unreachable.length > 0) return 'unreachable';
  return left.length > 0 || hosts.some(({ stopped }) => stopped?.why === 'cancelled') ? 'cancelled' : 'ok';
}

/** The part of a look that is about the hosts of one cluster. */
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

/** Adds what the first look found about a cluster that is never started: an unreachable host is reported all the same. */
export function withLook(result: RunResult, look: RunResult, name: string, members: readonly string[]): RunResult {
  return mergedResults(result, { ...partOf(look, name, members), plans: [], late: [] });
}

/** Adds the hosts of a cluster that was not started. */
export function withUntouched(result: RunResult, name: string, members: readonly string[]): RunResult {
  const known = new Set(result.hosts.map(({ host }) => host));
  const notStarted = members
    .filter((host) => !known.has(host))
    .map((host) => ({ ...UNTOUCHED, host, cluster: { kind: 'declared', name } as const }));
  return { ...result, hosts: [...result.hosts, ...notStarted] };
}

/** Counts hosts that were left as refused. */
export function withRefused(result: RunResult, left: readonly string[]): RunResult {
  return {
    ...result,
    refused: [...result.refused, ...left],
    left: result.left.filter((host) => !left.includes(host)),
  };
}

/** Marks a finished cluster as failed. @param at where: `the look after the soak` */
export function withLaterFailure(result: RunResult, members: readonly string[], at: string): RunResult {
  const stopped = { why: 'failed', at } as const;
  return {
    ...result,
    failed: [...result.failed, ...members],
    hosts: result.hosts.map((recap) =>
      members.includes(recap.host) ? { ...recap, failed: recap.failed + 1, stopped } : recap,
    ),
  };
}
