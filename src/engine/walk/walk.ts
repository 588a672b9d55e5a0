import type { Node } from '../program/compiled.ts';
import { BatchWalk } from './batch-walk.ts';
import type { Walk, WalkEnd } from './request.ts';
import type { BatchRules } from './rules.ts';

export interface PlayWalk extends BatchRules {
  readonly body: readonly Node[];
  /** Hosts of one batch go side by side; the next begins when the one before has come to its end. */
  readonly batches: readonly (readonly string[])[];
  /** After a batch in which a host was lost no further one begins. */
  readonly stopOnFailure: boolean;
  /** Hosts that take no part are passed over. */
  readonly takesPart: (host: string) => boolean;
}

/**
 * The way through a play, for whoever plans it and whoever runs it: batch by batch, in each node by node. It says what comes
 * next on which hosts, and is told what became of it there.
 */
export function* walkPlay(play: PlayWalk): Walk<WalkEnd> {
  for (const [index, names] of play.batches.entries()) {
    const hosts = names.filter(play.takesPart);
    if (hosts.length === 0) continue;
    const verdicts = yield { kind: 'batch', number: index + 1, of: play.batches.length, hosts };
    const walk = new BatchWalk(play, hosts);
    const end = yield* walk.run(play.body, verdicts);
    if (end !== 'completed') return end;
    if (walk.hasLost && play.stopOnFailure) return 'completed';
  }
  return 'completed';
}
