import type { ClusterOutcome } from '../../core/events/play.ts';
import { failedLater } from '../../engine/result-sum.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { aboutHosts, hostsAmong } from './about-hosts.ts';

/** The worst result among its hosts. */
export function outcomeOf({ failed, refused, unreachable, hosts, left, mistake }: RunResult): ClusterOutcome {
  if (failed.length > 0 || mistake !== undefined) return 'failed';
  if (refused.length > 0) return 'refused';
  if (unreachable.length > 0) return 'unreachable';
  return left.length > 0 || hosts.some(({ stopped }) => stopped?.why === 'cancelled') ? 'cancelled' : 'ok';
}

/** The part of a look that is about the hosts of one cluster. */
export function partOf(look: RunResult, name: string, members: readonly string[]): RunResult {
  const ownIn = <T>(byHost: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map(
      members.flatMap((host) => {
        const own = byHost.get(host);
        return own === undefined ? [] : [[host, own] as const];
      }),
    );
  return {
    ...look,
    hosts: aboutHosts(look.hosts, ({ host }) => [host], members).map((recap) => ({
      ...recap,
      cluster: { kind: 'declared', name },
    })),
    unreachable: hostsAmong(look.unreachable, members),
    refused: hostsAmong(look.refused, members),
    failed: hostsAmong(look.failed, members),
    left: hostsAmong(look.left, members),
    registered: ownIn(look.registered),
    undos: ownIn(look.undos),
    // Known of the look as a whole.
    together: [],
  };
}

/** Marks a finished cluster as failed. @param at where: `the look after the soak` */
export function withLaterFailure(result: RunResult, members: readonly string[], at: string): RunResult {
  const isMember = new Set(members);
  return {
    ...result,
    failed: [...result.failed, ...members],
    hosts: result.hosts.map((recap) => (isMember.has(recap.host) ? failedLater(recap, at) : recap)),
  };
}
