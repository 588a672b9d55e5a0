import type { Frame, Hosts } from './frame.ts';
import type { Walk, WalkEnd } from './request.ts';
import type { BatchRules } from './rules.ts';
import type { Standing } from './standing.ts';

/** Follows the failures in a batch: when one is final, and when there are too many for the play to go on. */
export class Losses {
  readonly #isTolerable: BatchRules['isTolerable'];
  readonly #standing: Standing;
  #end: WalkEnd | undefined;
  #isBatchOver = false;

  constructor({ isTolerable }: BatchRules, standing: Standing) {
    this.#isTolerable = isTolerable;
    this.#standing = standing;
  }

  /** How the play has ended; undefined as long as further batches may begin. */
  get end(): WalkEnd | undefined {
    return this.#end;
  }

  /** Whether the batch is over: no further node begins. */
  get isOver(): boolean {
    return this.#end !== undefined || this.#isBatchOver;
  }

  /** A `meta` action has ended the batch: `end_batch`, or `end_play`, which ends the play as well. */
  endByMeta(action: 'end_batch' | 'end_play'): void {
    this.#isBatchOver = true;
    if (action === 'end_play') this.#end = 'ended-by-meta';
  }

  /**
   * Takes failures in: final at once, unless a rescue may catch them or an `always` part has to run first. Where they will be final
   * after that, and are more than the play tolerates, all other hosts halt and come to that part as well, as in Ansible.
   */
  *fail(failed: Hosts, { isCaught, isAwaited }: Frame): Walk<void> {
    if (isCaught || isAwaited) for (const host of failed) this.#standing.fail(host);
    else yield* this.#leave(failed);
    yield* this.tolerate();
    if (failed.size === 0 || isCaught || !isAwaited) return;
    if (!this.#standing.isTolerable(this.#isTolerable, 'with those that fail')) this.#standing.halt();
  }

  /** What was to be done yet is done: failures on these hosts are final. */
  *settle(hosts: Hosts): Walk<void> {
    yield* this.#leave(this.#standing.failingAmong(hosts));
    yield* this.tolerate();
  }

  /** Makes these failures final. */
  *#leave(failed: Hosts): Walk<void> {
    if (failed.size === 0) return;
    for (const host of failed) this.#standing.leave(host);
    yield { kind: 'leave', hosts: [...failed], why: 'failed' };
  }

  /** Stops the play, and cancels the hosts that are left, when more have failed than it tolerates. */
  *tolerate(): Walk<void> {
    if (this.#end !== undefined || this.#standing.isTolerable(this.#isTolerable)) return;
    this.#end = 'stopped';
    const rest = this.#standing.cancel();
    if (rest.length > 0) yield { kind: 'leave', hosts: rest, why: 'cancelled' };
  }
}
