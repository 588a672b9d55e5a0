import type { Conditional } from '../program/compiled.ts';
import { type Frame, failedAmong, type Hosts, without } from './frame.ts';
import type { Losses } from './losses.ts';
import type { Walk } from './request.ts';
import type { Standing } from './standing.ts';

/** Which hosts reach what stands behind a condition. */
export interface Reach {
  /** All hosts that go on, whether the condition holds or not: those for which it could be judged. */
  readonly going: Hosts;
  /** Those of them for which the condition holds. */
  readonly certain: readonly string[];
  /** Those of them of which only the run will tell. */
  readonly uncertain: readonly string[];
}

/** Asks the driver for which hosts a condition holds. */
export class Judging {
  readonly #losses: Losses;
  readonly #standing: Standing;

  constructor(losses: Losses, standing: Standing) {
    this.#losses = losses;
    this.#standing = standing;
  }

  /** Judges the condition of a node on these hosts. A host on which it has no value has failed. */
  *judge(node: Conditional, hosts: Hosts, frame: Frame): Walk<Reach> {
    const asked = [...hosts].slice(0, node.byFirst ? 1 : undefined);
    const verdicts = yield { kind: 'when', node, hosts: asked };
    const failed = failedAmong(hosts, verdicts);
    if (failed.size > 0) yield* this.#losses.fail(failed, frame);
    const going = without(this.#standing.still(hosts), failed);
    return {
      going,
      certain: asked.filter((host) => going.has(host) && (verdicts.get(host) ?? 'ok') === 'ok'),
      uncertain: asked.filter((host) => going.has(host) && verdicts.get(host) === 'unknown'),
    };
  }
}
