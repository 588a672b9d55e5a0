import type { Node } from '../program/compiled.ts';
import { walkApart } from './apart.ts';
import { BatchWalk } from './batch-walk.ts';
import type { Hosts } from './frame.ts';
import type { Verdicts, Walk, WalkEnd } from './request.ts';
import type { BatchRules } from './rules.ts';

/** What the way through a play depends on. */
export interface PlayWalk extends BatchRules {
  readonly body: readonly Node[];
  /** Each host of a batch goes on its own (`strategy: free`), instead of in step with the others. */
  readonly goApart: boolean;
  /** Hosts of one batch go side by side; a batch begins when the one before it has ended. */
  readonly batches: readonly (readonly string[])[];
  /** No further batch begins after one in which a host failed or was lost. */
  readonly stopOnFailure: boolean;
  /** No further batch begins after one of which no host has come through, those among them that take no part. */
  readonly endsBehindLostBatch: boolean;
  /** Whether a host takes part at all. */
  readonly takesPart: (host: string) => boolean;
}

/**
 * The way through a play, the same for its plan and its run: batch by batch, and in each batch node by node. It yields what comes next
 * on which hosts, and receives what became of it there.
 */
export function* walkPlay(play: PlayWalk): Walk<WalkEnd> {
  for (const [index, names] of play.batches.entries()) {
    const hosts = names.filter(play.takesPart);
    if (hosts.length === 0) {
      if (play.endsBehindLostBatch) return 'batch-lost';
      continue;
    }
    const verdicts = yield { kind: 'batch', number: index + 1, of: play.batches.length, hosts };
    const { end, lost } = yield* walkBatch(play, hosts, verdicts);
    if (end !== 'completed') return end;
    if (lost.size > 0 && play.stopOnFailure) return 'completed';
    if (lost.size === hosts.length && play.endsBehindLostBatch) return 'batch-lost';
  }
  return 'completed';
}

function* walkBatch(
  play: PlayWalk,
  hosts: readonly string[],
  begun: Verdicts,
): Walk<{ readonly end: WalkEnd; readonly lost: Hosts }> {
  // A host that goes on its own ends no other: neither by its failure nor by what it comes to.
  if (play.goApart) return { end: 'completed', lost: yield* walkApart(play, play.body, hosts, begun) };
  const walk = new BatchWalk(play, hosts);
  const end = yield* walk.run(play.body, begun);
  return { end, lost: walk.lost };
}
