import type { Hosts } from './frame.ts';
import type { Reach } from './judging.ts';
import type { Walk } from './request.ts';
import type { Standing } from './standing.ts';

/** The host on which the condition of `clear_host_errors` is judged: as in Ansible the first one alone. */
export function firstOf(hosts: Hosts): Hosts {
  const [first = ''] = hosts;
  return new Set([first]);
}

/**
 * Carries out `clear_host_errors`: hosts of the batch that have failed or were lost no longer count as such, and stay out of this play.
 * Where a plan cannot tell whether the run will reach it, it plans as if not.
 */
export function* clearErrors(
  { certain }: Reach,
  hosts: Hosts,
  standing: Standing,
  doubts: ReadonlyMap<string, string>,
): Walk<Hosts> {
  const [judge] = certain;
  if (judge !== undefined && !doubts.has(judge)) {
    yield { kind: 'clear', hosts: standing.names };
    standing.forgive();
  }
  return standing.still(hosts);
}
