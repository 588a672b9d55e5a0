import type { Frame, Hosts } from './frame.ts';
import type { Walk, WalkEnd } from './request.ts';
import type { BatchRules } from './rules.ts';
import type { Standing } from './standing.ts';

/** What failures come to: for the hosts that have failed, and for the others of their batch. */
export class Losses {
  readonly #isTolerable: BatchRules['isTolerable'];
  readonly #standing: Standing;
  #end: WalkEnd | undefined;
  #isBatchOver = false;

  constructor({ isTolerable }: BatchRules, standing: Standing) {
    this.#isTolerable = isTolerable;
    this.#standing = standing;
  }

  /** How the play has ended; undefined while it goes on behind this batch. */
  get end(): WalkEnd | undefined {
    return this.#end;
  }

  /** No further node is begun. */
  get isOver(): boolean {
    return this.#end !== undefined || this.#isBatchOver;
  }

  /** A `meta` action has ended the batch: `end_batch`, or `end_play`, which ends the play as well. */
  endByMeta(action: 'end_batch' | 'end_play'): void {
    this.#isBatchOver = true;
    if (action === 'end_play') this.#end = 'ended-by-meta';
  }

  /** Final at once, where nothing around catches it or is to be done yet. */
  *fail(failed: Hosts, { isCaught, isAwaited }: Frame): Walk<void> {
    if (isCaught || isAwaited) for (const host of failed) this.#standing.fail(host);
    else yield* this.leave(failed);
    yield* this.tolerate();
  }

  *leave(failed: Hosts): Walk<void> {
    if (failed.size === 0) return;
    for (const host of failed) this.#standing.leave(host);
    yield { kind: 'leave', hosts: [...failed], why: 'failed' };
  }

  /** More than the play bears: those that are left go no further. */
  *tolerate(): Walk<void> {
    if (this.#end !== undefined || this.#standing.isTolerable(this.#isTolerable)) return;
    this.#end = 'stopped';
    const rest = this.#standing.cancel();
    if (rest.length > 0) yield { kind: 'leave', hosts: rest, why: 'cancelled' };
  }
}
