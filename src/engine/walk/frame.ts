import type { Verdict, Verdicts } from './request.ts';

export type Hosts = ReadonlySet<string>;

/** What stands around a node. */
export interface Frame {
  /** A failure here is caught by the rescue of a block around it. */
  readonly isCaught: boolean;
  /** Something is to be done yet on a host that fails here, before its failure is final. */
  readonly isAwaited: boolean;
}

/** The host goes no further, and no rescue has a say in it. */
export function isGone(verdict: Verdict): boolean {
  return verdict === 'unreachable' || verdict === 'refused' || verdict === 'cancelled';
}

/** Those of the hosts on which something has failed. */
export function failedAmong(hosts: Hosts, verdicts: Verdicts): Hosts {
  return new Set([...hosts].filter((host) => verdicts.get(host) === 'failed'));
}

/** The hosts of a set that are not in another. */
export function without(all: Hosts, some: Hosts): Hosts {
  return new Set([...all].filter((host) => !some.has(host)));
}
