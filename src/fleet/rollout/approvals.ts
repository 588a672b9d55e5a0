import type { RolloutRequest } from './rollout-request.ts';
import type { Waits } from './waits.ts';
import type { PlannedWave } from './waves.ts';

/**
 * What has come of a wave that has to be approved. `too early`: it was approved before anybody was told what has failed in the
 * wave before it, so that nobody has decided about that.
 */
type Approved = 'approved' | 'asked' | 'too early';

/** Takes the approvals of waves, or asks for them. */
export class Approvals {
  readonly #waits: Waits;
  readonly #request: Pick<RolloutRequest, 'play' | 'emit' | 'commands'>;
  readonly #told: Map<string, readonly string[]>;

  constructor(waits: Waits, { told, ...request }: Pick<RolloutRequest, 'play' | 'emit' | 'commands' | 'told'>) {
    this.#waits = waits;
    this.#request = request;
    this.#told = new Map(told);
  }

  /** Waits if the wave is not approved, until that may have changed. @param failed clusters that have failed so far */
  async take({ name }: PlannedWave, before: PlannedWave | undefined, failed: readonly string[]): Promise<Approved> {
    const { play, emit, commands } = this.#request;
    const approval = this.#waits.signalState.approvals.get(name);
    const told = this.#told.get(name) ?? [];
    const untold = failed.filter((cluster) => before?.clusters.includes(cluster) && !told.includes(cluster));
    if (approval && before?.onFailure === 'ask' && untold.length > 0) return 'too early';
    if (approval) {
      emit({ type: 'wave-approved', play, wave: name, ...approval });
      return 'approved';
    }
    const remedy = commands.approve(name);
    if (this.#waits.isNew(`wave ${name}`))
      emit({ type: 'wave-waiting', play, wave: name, ...(failed.length > 0 && { failed }), remedy });
    this.#told.set(name, failed);
    await this.#waits.untilWoken();
    return 'asked';
  }
}
