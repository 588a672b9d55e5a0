import type { ClusterProgress, ClusterState } from './decide.ts';
import type { Openings } from './openings.ts';
import type { PlannedWave } from './waves.ts';

/** The states of the clusters of a rollout, of which all are waiting at first. In the order in which they are to start. */
export class ClusterStates {
  readonly #waves: readonly ClusterProgress[][];
  readonly #placeOf = new Map<string, readonly [wave: number, place: number]>();
  readonly #openings: Openings;
  readonly #now: () => number;

  /** @param now the time at which windows are looked at */
  constructor(waves: readonly PlannedWave[], openings: Openings, now: () => number) {
    this.#openings = openings;
    this.#now = now;
    this.#waves = waves.map(({ clusters }) => clusters.map((name) => this.#progressOf(name, 'waiting')));
    for (const [wave, { clusters }] of waves.entries())
      for (const [place, name] of clusters.entries()) this.#placeOf.set(name, [wave, place]);
  }

  set(name: string, state: ClusterState): void {
    const [wave, place] = this.#placeOf.get(name) ?? [];
    const clusters = wave === undefined ? undefined : this.#waves[wave];
    if (clusters && place !== undefined) clusters[place] = this.#progressOf(name, state);
  }

  of(name: string): ClusterState | undefined {
    const [wave = -1, place = -1] = this.#placeOf.get(name) ?? [];
    return this.#waves[wave]?.[place]?.state;
  }

  /** Those of a wave, given by its index, as they are now. */
  inWave(index: number): readonly ClusterProgress[] {
    return [...(this.#waves[index] ?? [])];
  }

  /** All of them, as they are now. */
  get all(): readonly ClusterProgress[] {
    return this.#waves.flat();
  }

  #progressOf(name: string, state: ClusterState): ClusterProgress {
    const progress = { name, state };
    return state === 'waiting' ? this.#openings.withOpening(progress, this.#now) : progress;
  }
}
