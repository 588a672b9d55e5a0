import type { BlockNode, Node } from '../program/compiled.ts';
import type { Verdict, Verdicts } from './request.ts';

/** Hosts by name. */
export type Hosts = ReadonlySet<string>;

/** What happens to a host that fails at a node, given the blocks around it. */
export interface Frame {
  /** A rescue catches the failure. */
  readonly isCaught: boolean;
  /** Before the failure is final, the host still runs an `always` part or handlers (`force_handlers`). */
  readonly isAwaited: boolean;
}

/** The frame of the tasks in a block. */
export function within({ isCaught, isAwaited }: Frame, { rescue, always }: BlockNode): Frame {
  return { isCaught: isCaught || rescue.length > 0, isAwaited: isAwaited || always.length > 0 };
}

/** A play with `force_handlers` as a block, behind whose failure its handlers run. No rescue catches that failure. */
export function asBlock(body: readonly Node[]): BlockNode {
  return { kind: 'block', path: 'handlers', name: 'the play', body, rescue: [], always: [] };
}

/** Whether the host is out of the play, and no rescue can change that. */
export function isOut(verdict: Verdict): boolean {
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

/** The hosts that are in one of the lists, in the order of `all`: of those that run a task, the first does what `run_once` says. */
export function inOrderOf(all: Hosts, ...lists: readonly Iterable<string>[]): Hosts {
  const some = new Set(lists.flatMap((list) => [...list]));
  return new Set([...all].filter((host) => some.has(host)));
}
