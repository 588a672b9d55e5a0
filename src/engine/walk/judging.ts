import type { Conditional } from '../program/compiled.ts';
import { type Frame, failedAmong, type Hosts, without } from './frame.ts';
import type { Losses } from './losses.ts';
import type { Walk } from './request.ts';
import type { Standing } from './standing.ts';

/** What a condition has come to on hosts. */
export interface Judged {
  /** Those that have not failed over it. */
  readonly going: Hosts;
  readonly meant: readonly string[];
  readonly open: readonly string[];
}

/** Asks for which hosts a condition holds. */
export class Judging {
  readonly #losses: Losses;
  readonly #standing: Standing;

  constructor(losses: Losses, standing: Standing) {
    this.#losses = losses;
    this.#standing = standing;
  }

  /** For which of them it holds, and for which that is open. Where it cannot be told in the run, the host has failed. */
  *judge(node: Conditional, hosts: Hosts, frame: Frame): Walk<Judged> {
    const verdicts = yield { kind: 'when', node, hosts: [...hosts] };
    const failed = failedAmong(hosts, verdicts);
    if (failed.size > 0) yield* this.#losses.fail(failed, frame);
    const going = without(this.#standing.still(hosts), failed);
    return {
      going,
      meant: [...going].filter((host) => (verdicts.get(host) ?? 'ok') === 'ok'),
      open: [...going].filter((host) => verdicts.get(host) === 'unknown'),
    };
  }
}
