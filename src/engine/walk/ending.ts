import type { MetaNode } from '../program/compiled.ts';
import type { BatchHosts } from './batch-hosts.ts';
import type { Doubts } from './doubts.ts';
import type { Frame, Hosts } from './frame.ts';
import type { Judging, Reach } from './judging.ts';
import type { Losses } from './losses.ts';
import type { Doubt, Walk } from './request.ts';

const NONE: Hosts = new Set();

/** Carries out `end_host`, `end_batch` and `end_play`. */
export class Ending {
  readonly #losses: Losses;
  readonly #batch: BatchHosts;
  readonly #judging: Judging;
  readonly #supposes: boolean;

  constructor(losses: Losses, batch: BatchHosts, judging: Judging, supposes: boolean) {
    this.#losses = losses;
    this.#batch = batch;
    this.#judging = judging;
    this.#supposes = supposes;
  }

  /**
   * @param hosts those that come to the action. @param judged on which of them its condition holds
   * @returns the hosts that go on, and the doubts from here on
   */
  *end(
    node: MetaNode,
    hosts: Hosts,
    judged: Reach,
    before: Doubts,
    { isCaught }: Frame,
  ): Walk<{ readonly remaining: Hosts; readonly doubts: Doubts }> {
    const { remaining } = judged;
    if (node.action !== 'end_play' && judged.certain.length + judged.uncertain.length > 0) this.#batch.noteOutUnlost();
    const rules = { supposes: this.#supposes, mayHaveFailed: isCaught };
    const { certain, doubts } = endingOf(node, { ...judged, remaining: this.#batch.alive }, before, rules);
    if (certain.length === 0) return { remaining, doubts };
    if (node.action !== 'end_play' && node.action !== 'end_batch') {
      yield* this.#endHosts(certain);
      return { remaining: this.#batch.aliveAmong(remaining), doubts };
    }
    const heirs = this.#supposes ? yield* this.#judging.endUnlessOut(node, hosts, doubts) : undefined;
    if (heirs) return { remaining: this.#batch.aliveAmong(remaining), doubts: ifOthersAreOut(node, heirs, doubts) };
    this.#losses.endByMeta(node.action);
    return { remaining: NONE, doubts };
  }

  *#endHosts(hosts: readonly string[]): Walk<void> {
    const failed = this.#batch.failingAmong(new Set(hosts));
    const ended = hosts.filter((host) => !failed.has(host));
    for (const host of ended) this.#batch.end(host);
    if (ended.length > 0) yield { kind: 'end', hosts: ended };
    // In an `always` behind a failure: what would have made that final is not reached any more.
    yield* this.#losses.makeFinal(failed);
  }
}

interface WhoEnds {
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
function endingOf(
  { action, name }: MetaNode,
  { remaining, certain, uncertain }: Reach,
  doubts: Doubts,
  { supposes, mayHaveFailed }: { readonly supposes: boolean; readonly mayHaveFailed: boolean },
): WhoEnds {
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
function ifOthersAreOut(node: MetaNode, heirs: Hosts, doubts: Doubts): Doubts {
  const doubt = { ...unlessEnded(node), isOfFailure: true, isPastEnd: true } as const;
  return node.action === 'end_play' ? doubts.endingPlay(heirs, doubt) : doubts.ending(heirs, doubt);
}

function unlessEnded({ action, name }: Pick<MetaNode, 'action' | 'name'>): Doubt {
  return { why: `unless '${name}' ends the ${action.replace('end_', '')} before` };
}
