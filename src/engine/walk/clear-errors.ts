import type { Hosts } from './frame.ts';
import type { Judged } from './judging.ts';
import type { Walk } from './request.ts';
import type { Standing } from './standing.ts';

/** The host by which `clear_host_errors` is judged: the first alone, as in Ansible. */
export function firstOf(hosts: Hosts): Hosts {
  const [first = ''] = hosts;
  return new Set([first]);
}

/**
 * That hosts of the batch have failed, or were lost, counts no longer; they stay out of this play. A plan that does not know whether
 * it comes to this goes on without it.
 */
export function* clearErrors(
  { meant }: Judged,
  hosts: Hosts,
  standing: Standing,
  doubts: ReadonlyMap<string, string>,
): Walk<Hosts> {
  const [judge] = meant;
  if (judge !== undefined && !doubts.has(judge)) {
    yield { kind: 'clear', hosts: standing.names };
    standing.forgive();
  }
  return standing.still(hosts);
}
