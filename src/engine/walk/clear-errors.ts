import type { BatchHosts } from './batch-hosts.ts';
import type { Hosts } from './frame.ts';
import type { Reach } from './judging.ts';
import type { Conditions, Walk } from './request.ts';

/**
 * Carries out `clear_host_errors`: failed and lost hosts of the batch no longer count as such, but stay out of this play. A
 * plan that cannot tell whether the run reaches the action assumes that it does not.
 */
export function* clearErrors(
  { remaining, certain, uncertain }: Reach,
  batch: BatchHosts,
  doubts: Conditions,
): Walk<Hosts> {
  if (certain.length + uncertain.length > 0) batch.noteOutUnlost();
  const [judge] = certain;
  if (judge !== undefined && !doubts.has(judge)) {
    yield { kind: 'clear', hosts: batch.names };
    batch.clearErrors();
  }
  return batch.aliveAmong(remaining);
}
