import type { Conditional, MetaNode } from '../program/compiled.ts';
import type { BatchHosts } from './batch-hosts.ts';
import type { Doubts } from './doubts.ts';
import { type Frame, failedAmong, type Hosts, without } from './frame.ts';
import type { Losses } from './losses.ts';
import type { Conditions, Walk } from './request.ts';

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

  /**
   * Evaluates the condition of a node on these hosts. A host fails if the condition cannot be evaluated there.
   * @param conditions why it is uncertain that they reach it
   */
  *judge(node: Conditional, hosts: Hosts, conditions: Conditions, frame: Frame): Walk<Reach> {
    const judged = [...hosts].slice(0, node.byFirst ? 1 : undefined);
    const verdicts = yield { kind: 'when', node, hosts: judged, conditions };
    const failed = failedAmong(hosts, verdicts);
    if (failed.size > 0) yield* this.#losses.fail(failed, frame, node.name);
    const remaining = without(this.#batch.aliveAmong(hosts), failed);
    return {
      remaining,
      certain: judged.filter((host) => remaining.has(host) && (verdicts.get(host) ?? 'ok') === 'ok'),
      uncertain: judged.filter((host) => remaining.has(host) && verdicts.get(host) === 'unknown'),
    };
  }

  /**
   * Ends the hosts that certainly end all others by a condition which the first host that is left judges (`end_play`,
   * `end_batch`): that one, and those behind it on which the condition holds as well. If all of these fail before, nothing ends
   * the others, nor, where some have ended without a failure, the play.
   * @param hosts those that come to the action, on the first of which its condition holds
   * @returns those that go on then; undefined: it is certain that the action ends the batch or the play
   */
  *endUnlessOut(node: MetaNode, hosts: Hosts, { conditions }: Doubts): Walk<Hosts | undefined> {
    const all = [...hosts];
    const verdicts = yield { kind: 'when', node, hosts: all, conditions, isSupposed: true };
    const isOpen = (host: string): boolean => (verdicts.get(host) ?? 'ok') !== 'ok' || conditions.has(host);
    const open = all.findIndex(isOpen);
    const ended = open < 0 ? all : all.slice(0, open);
    const others = without(without(new Set(this.#batch.names), this.#batch.lost), new Set(ended));
    const mayGoOn = others.size > 0 || (node.action === 'end_play' && this.#batch.mayBeOutUnlost);
    if (!mayGoOn) return undefined;
    for (const host of ended) this.#batch.end(host);
    // Those that end only their batch still count as hosts of the play in the next one.
    if (node.action === 'end_play') yield { kind: 'end', hosts: ended };
    return this.#batch.alive;
  }
}
