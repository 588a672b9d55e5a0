import type { MetaNode } from '../program/compiled.ts';
import type { Doubts } from './doubts.ts';
import type { Hosts } from './frame.ts';
import type { Reach } from './judging.ts';
import type { Doubt } from './request.ts';

interface Ending {
  /** The hosts that certainly end here. */
  readonly certain: readonly string[];
  /** The doubts about the others from here on. */
  readonly doubts: Doubts;
}

/**
 * Which hosts `end_host`, `end_batch` and `end_play` end, once their condition has been judged. In a plan that is often
 * uncertain: a host that fails earlier skips the `meta` action and goes on after its rescue, so the plan has to show the tasks
 * after it; and a host that may not reach the action cannot end a batch or a play for certain.
 * @param mayHaveFailed the action is inside a block with a rescue, so a host may have failed before it
 */
export function endingOf(
  { action, name }: MetaNode,
  { remaining, certain, uncertain }: Reach,
  doubts: Doubts,
  { supposes, mayHaveFailed }: { readonly supposes: boolean; readonly mayHaveFailed: boolean },
): Ending {
  const isOfHost = action === 'end_host';
  const reaches = (host: string) => (isOfHost ? doubts.reachesOrHasEnded(host) : !doubts.conditions.has(host));
  const isOpen = (host: string) => supposes && (mayHaveFailed || !reaches(host));
  const open = certain.filter(isOpen);
  const ended = certain.filter((host) => !isOpen(host));
  if (uncertain.length + open.length === 0) return { certain: ended, doubts };
  const doubt = unlessEnded({ action, name });
  // They go on only if they have failed before.
  const unlessFailed = open.filter(reaches);
  const ofFailure = { ...doubt, isOfFailure: true, isPastEnd: true } as const;
  if (isOfHost) {
    const others = [...uncertain, ...open.filter((host) => !reaches(host))];
    return { certain: ended, doubts: doubts.ending(others, doubt).ending(unlessFailed, ofFailure) };
  }
  const own = unlessFailed.length > 0 ? ofFailure : doubt;
  return {
    certain: ended,
    doubts: action === 'end_play' ? doubts.endingPlay(remaining, own) : doubts.ending(remaining, own),
  };
}

/** The doubts about the hosts that go on only if all are out that end the batch or the play for certain (`Judging.endUnlessOut`). */
export function ifOthersAreOut(node: MetaNode, heirs: Hosts, doubts: Doubts): Doubts {
  const doubt = { ...unlessEnded(node), isOfFailure: true, isPastEnd: true } as const;
  return node.action === 'end_play' ? doubts.endingPlay(heirs, doubt) : doubts.ending(heirs, doubt);
}

function unlessEnded({ action, name }: Pick<MetaNode, 'action' | 'name'>): Doubt {
  return { why: `unless '${name}' ends the ${action.replace('end_', '')} before` };
}
