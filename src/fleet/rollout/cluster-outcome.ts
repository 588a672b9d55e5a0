import type { ClusterOutcome } from '../../core/events/play.ts';
import type { RunResult } from '../../engine/run-result.ts';

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
