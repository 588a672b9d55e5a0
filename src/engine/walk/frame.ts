import type { BlockNode } from '../program/compiled.ts';
import type { Verdict, Verdicts } from './request.ts';

/** Hosts by name. */
export type Hosts = ReadonlySet<string>;

/** What becomes of a host that fails at a node, by the blocks around it. */
export interface Frame {
  /** The rescue of a block around it catches the failure. */
  readonly isCaught: boolean;
  /** Before the failure is final, the host still goes through an `always` part, or through handlers (`force_handlers`). */
  readonly isAwaited: boolean;
}

/** What stands around the tasks of a block. */
export function within({ isCaught, isAwaited }: Frame, { rescue, always }: BlockNode): Frame {
  return { isCaught: isCaught || rescue.length > 0, isAwaited: isAwaited || always.length > 0 };
}

/** Whether the host is out of the play, and no rescue can change that. */
export function isGone(verdict: Verdict): boolean {
  return verdict === 'unreachable' || verdict === 'refused' || verdict === 'cancelled';
}

/** The hosts whose verdict is `failed`. */
export function failedAmong(hosts: Hosts, verdicts: Verdicts): Hosts {
  return new Set([...hosts].filter((host) => verdicts.get(host) === 'failed'));
}

/** The difference of two sets. */
export function without(all: Hosts, some: Hosts): Hosts {
  return new Set([...all].filter((host) => !some.has(host)));
}
