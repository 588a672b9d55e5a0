import { approvalFor } from '../../core/signal.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { isIdleWave } from './known-waves.ts';
import type { RolloutRequest } from './rollout-request.ts';
import type { Waits } from './waits.ts';
import type { PlannedWave } from './waves.ts';

/**
 * What has come of a wave that has to be approved. `too early`: it was approved before anybody was told what has failed in the
 * wave before it, so that nobody has decided about that. `not needed`: nothing is to be changed in it.
 */
type Approved = 'approved' | 'asked' | 'too early' | 'not needed';

type ApprovalRequest = Pick<
  RolloutRequest,
  'play' | 'emit' | 'commands' | 'told' | 'hostsOf' | 'asksForIdleWaves' | 'looksAreWork'
>;

/** Takes the approvals of waves, or asks for them. */
export class Approvals {
  readonly #waits: Waits;
  readonly #request: ApprovalRequest;
  readonly #look: RunResult;
  readonly #unneeded = new Set<PlannedWave>();
  readonly #told: Map<string, readonly string[]>;
  /** The waves for which this run has asked. */
  readonly #asked = new Set<string>();

  /** @param look at all clusters, before the first was started */
  constructor(waits: Waits, request: ApprovalRequest, look: RunResult) {
    this.#waits = waits;
    this.#request = request;
    this.#look = look;
    this.#told = new Map(request.told);
  }

  /** Whether this wave may start because nothing was to be changed in it: then nothing may be changed in it. */
  isUnneeded(wave: PlannedWave | undefined): boolean {
    return wave !== undefined && this.#unneeded.has(wave);
  }

  /** Lets this wave start because nothing may be changed in it. */
  waive(wave: PlannedWave): void {
    this.#unneeded.add(wave);
  }

  /** Waits if the wave is not approved, until that may have changed. @param failed clusters that have failed so far */
  async take(wave: PlannedWave, before: PlannedWave | undefined, failed: readonly string[]): Promise<Approved> {
    const { name } = wave;
    const { play, emit, commands } = this.#request;
    const approval = approvalFor(wave, this.#waits.signalState.approvals);
    const told = new Set(this.#told.get(name));
    const previous = new Set(before?.clusters);
    const untold = failed.filter((cluster) => previous.has(cluster) && !told.has(cluster));
    const isTooEarly = before?.onFailure === 'ask' && untold.length > 0;
    // Of a resumed run somebody knows: an approval that an earlier run had too early is asked for again.
    const isVoid = approval?.run !== undefined && (isTooEarly || this.#asked.has(name));
    if (approval && !isVoid) {
      if (isTooEarly) return 'too early';
      const { run: _run, clusters: _clusters, ...given } = approval;
      emit({ type: 'wave-approved', play, wave: name, ...given });
      return 'approved';
    }
    // Whoever approves a wave decides about what has failed before it as well.
    if (failed.length === 0 && isIdleWave(wave, this.#look, this.#request)) {
      this.waive(wave);
      return 'not needed';
    }
    const remedy = commands.approve(name);
    if (this.#waits.isNew(`wave ${name}`))
      emit({ type: 'wave-waiting', play, wave: name, ...(failed.length > 0 && { failed }), remedy });
    this.#asked.add(name);
    this.#told.set(name, failed);
    await this.#waits.untilWoken();
    return 'asked';
  }
}
