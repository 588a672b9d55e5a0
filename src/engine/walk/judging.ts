import type { Conditional } from '../program/compiled.ts';
import type { BatchHosts } from './batch-hosts.ts';
import { type Frame, failedAmong, type Hosts, without } from './frame.ts';
import type { Losses } from './losses.ts';
import type { Walk } from './request.ts';

/** Which hosts a condition lets through. */
export interface Reach {
  /** All hosts that go on, whether the condition holds or not: those on which it could be evaluated. */
  readonly remaining: Hosts;
  /** Those on which the condition holds. */
  readonly certain: readonly string[];
  /** Those on which only the run can tell. */
  readonly uncertain: readonly string[];
}

/** Asks the driver on which hosts a condition holds. */
export class Judging {
  readonly #losses: Losses;
  readonly #batch: BatchHosts;

  constructor(losses: Losses, batch: BatchHosts) {
    this.#losses = losses;
    this.#batch = batch;
  }

  /** Evaluates the condition of a node on these hosts. A host fails if the condition cannot be evaluated there. */
  *judge(node: Conditional, hosts: Hosts, frame: Frame): Walk<Reach> {
    const judged = [...hosts].slice(0, node.byFirst ? 1 : undefined);
    const verdicts = yield { kind: 'when', node, hosts: judged };
    const failed = failedAmong(hosts, verdicts);
    if (failed.size > 0) yield* this.#losses.fail(failed, frame, node.name);
    const remaining = without(this.#batch.aliveAmong(hosts), failed);
    return {
      remaining,
      certain: judged.filter((host) => remaining.has(host) && (verdicts.get(host) ?? 'ok') === 'ok'),
      uncertain: judged.filter((host) => remaining.has(host) && verdicts.get(host) === 'unknown'),
    };
  }
}
