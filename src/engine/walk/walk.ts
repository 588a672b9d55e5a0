import type { Node } from '../program/compiled.ts';
import { BatchWalk } from './batch-walk.ts';
import { Doubts } from './doubts.ts';
import type { Hosts } from './frame.ts';
import type { Verdicts, Walk, WalkEnd } from './request.ts';
import type { BatchRules } from './rules.ts';
import { walkFreely } from './walk-freely.ts';

/** A play as the walk needs it. */
export interface PlayWalk extends BatchRules {
  readonly body: readonly Node[];
  /** The hosts of a batch go independently (`strategy: free`) instead of in step. */
  readonly isFree: boolean;
  /** The hosts of a batch go side by side; each batch begins when the one before it has ended. */
  readonly batches: readonly (readonly string[])[];
  /** No further batch begins after one in which a host failed or was lost. */
  readonly stopOnFailure: boolean;
  /** No further batch begins after one in which no host succeeded. A batch in which no host takes part counts as lost. */
  readonly endsBehindLostBatch: boolean;
  /** Whether a host takes part at all. */
  readonly takesPart: (host: string) => boolean;
}

/**
 * The walk through a play, the same for its plan and its run: batch by batch, node by node. It yields what comes next on which
 * hosts, and receives the verdicts.
 */
export function* walkPlay(play: PlayWalk): Walk<WalkEnd> {
  let doubts = Doubts.none;
  for (const [index, names] of play.batches.entries()) {
    const hosts = names.filter(play.takesPart);
    if (hosts.length === 0) {
      if (play.endsBehindLostBatch) return 'batch-lost';
      continue;
    }
    const verdicts = yield { kind: 'batch', number: index + 1, of: play.batches.length, hosts };
    const { end, lost, doubts: behind } = yield* walkBatch(play, hosts, verdicts, doubts);
    doubts = behind;
    if (end !== 'completed') return end;
    if (lost.size > 0 && play.stopOnFailure) return 'completed';
    if (lost.size === hosts.length && play.endsBehindLostBatch) return 'batch-lost';
  }
  return 'completed';
}

interface BatchEnd {
  readonly end: WalkEnd;
  readonly lost: Hosts;
  /** Why a plan cannot be certain of the batches behind it. */
  readonly doubts: Doubts;
}

function* walkBatch(play: PlayWalk, hosts: readonly string[], admitted: Verdicts, doubts: Doubts): Walk<BatchEnd> {
  // An independent host ends no other, neither by failing nor by a `meta` action.
  if (play.isFree) return { end: 'completed', lost: yield* walkFreely(play, play.body, hosts, admitted), doubts };
  const walk = new BatchWalk(play, hosts, doubts);
  const end = yield* walk.run(play.body, admitted);
  return { end, lost: walk.lost, doubts: walk.doubts };
}
