import type { BatchHosts } from './batch-hosts.ts';
import type { Frame, Hosts } from './frame.ts';
import type { Walk, WalkEnd } from './request.ts';
import type { BatchRules } from './rules.ts';

/** Tracks the failures of a batch: when one is final, and when there are too many to go on. */
export class Losses {
  readonly #isTolerable: BatchRules['isTolerable'];
  readonly #batch: BatchHosts;
  #end: WalkEnd | undefined;
  #isBatchOver = false;

  constructor({ isTolerable }: BatchRules, batch: BatchHosts) {
    this.#isTolerable = isTolerable;
    this.#batch = batch;
  }

  /** How the play has ended; undefined while further batches may begin. */
  get end(): WalkEnd | undefined {
    return this.#end;
  }

  /** Whether the batch is over and no further node is started. */
  get isOver(): boolean {
    return this.#end !== undefined || this.#isBatchOver;
  }

  /** Supposes that the batch is not over. @returns sets this back */
  suppose(): () => void {
    const [end, isBatchOver] = [this.#end, this.#isBatchOver];
    [this.#end, this.#isBatchOver] = [undefined, false];
    return () => {
      [this.#end, this.#isBatchOver] = [end, isBatchOver];
    };
  }

  /** Ends the batch by a `meta` action: `end_batch`, or `end_play`, which also ends the play. Hosts that have failed are already out. */
  endByMeta(action: 'end_batch' | 'end_play'): void {
    this.#batch.endAll();
    this.#isBatchOver = true;
    if (action === 'end_play') this.#end = 'ended-by-meta';
  }

  /**
   * Records failures: final at once, unless a rescue may catch them or an `always` part has to run first. If the play will not
   * tolerate them once they are final, all other hosts halt and skip to that part too, as in Ansible.
   * @param by the name of what has failed
   */
  *fail(failed: Hosts, { isCaught, isAwaited }: Frame, by: string): Walk<void> {
    yield* this.catch(failed, { isCaught }, by);
    if (isCaught || isAwaited) for (const host of failed) this.#batch.fail(host);
    else yield* this.#leave(failed);
    yield* this.tolerate();
    if (failed.size === 0 || isCaught || !isAwaited) return;
    if (!this.#batch.isTolerable(this.#isTolerable, 'with those that fail')) this.#batch.halt();
  }

  /** Tells that a rescue will catch the failures of these hosts, if there is one. */
  *catch(hosts: Hosts, { isCaught }: Pick<Frame, 'isCaught'>, by: string): Walk<void> {
    if (isCaught && hosts.size > 0) yield { kind: 'caught', by, hosts: [...hosts] };
  }

  /** Makes failures of these hosts final, after everything that had to run first. */
  *makeFinal(hosts: Hosts): Walk<void> {
    yield* this.#leave(this.#batch.failingAmong(hosts));
    yield* this.tolerate();
  }

  /** Makes these failures final. */
  *#leave(failed: Hosts): Walk<void> {
    if (failed.size === 0) return;
    for (const host of failed) this.#batch.leave(host);
    yield { kind: 'leave', hosts: [...failed], why: 'failed' };
  }

  /** Stops the play and cancels the remaining hosts when more have failed than it tolerates. */
  *tolerate(): Walk<void> {
    if (this.#end !== undefined || this.#batch.isTolerable(this.#isTolerable)) return;
    this.#end = 'stopped';
    const rest = this.#batch.cancel();
    if (rest.length > 0) yield { kind: 'leave', hosts: rest, why: 'cancelled' };
  }
}
