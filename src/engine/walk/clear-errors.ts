import type { Hosts } from './frame.ts';
import type { Reach } from './judging.ts';
import type { Walk } from './request.ts';
import type { Standing } from './standing.ts';

/**
 * Carries out `clear_host_errors`: hosts of the batch that have failed or were lost no longer count as such, and stay out of this play.
 * Where a plan cannot tell whether the run will reach it, it plans as if not.
 */
export function* clearErrors(
  { going, certain }: Reach,
  standing: Standing,
  doubts: ReadonlyMap<string, string>,
): Walk<Hosts> {
  const [judge] = certain;
  if (judge !== undefined && !doubts.has(judge)) {
    yield { kind: 'clear', hosts: standing.names };
    standing.forgive();
  }
  return standing.still(going);
}
