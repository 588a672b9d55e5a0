import type { WaveFacts } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { type ClusterState, hasEnded, type Situation } from './decide.ts';
import type { FleetEngine } from './fleet-engine.ts';
import { isWork } from './known-waves.ts';
import type { RolloutRequest } from './rollout-request.ts';
import type { PlannedWave } from './waves.ts';

/** Tracks the current wave of a rollout: reports its start, and calls hooks for waves with something to do. */
export class WaveProgress {
  readonly #engine: Pick<FleetEngine, 'callWave'>;
  readonly #request: Pick<RolloutRequest, 'play' | 'emit' | 'hostsOf' | 'looksAreWork'>;
  readonly #waves: readonly PlannedWave[];
  readonly #look: RunResult;
  /** Of the current wave. */
  #index = -1;
  #hasEnded = true;

  /** @param look at all clusters, before the first was started */
  constructor(
    engine: Pick<FleetEngine, 'callWave'>,
    request: Pick<RolloutRequest, 'play' | 'emit' | 'hostsOf' | 'looksAreWork'>,
    waves: readonly PlannedWave[],
    look: RunResult,
  ) {
    this.#engine = engine;
    this.#request = request;
    this.#waves = waves;
    this.#look = look;
  }

  /** Starts a wave, given by its index, if it has not started yet: reports it and calls its hooks. @returns whether it did */
  async startIfNew(index: number): Promise<boolean> {
    const wave = this.#waves[index];
    if (!wave || index <= this.#index) return false;
    this.#index = index;
    this.#hasEnded = false;
    const { play, emit } = this.#request;
    const { name, clusters } = wave;
    emit({ type: 'wave-started', play, wave: name, number: index + 1, of: this.#waves.length, clusters });
    await this.#call(wave, { at: 'begin', done: [], failed: [], left: [] });
    return true;
  }

  /** Ends the current wave if its clusters have ended. Its hooks have been called when this resolves. @returns whether it did */
  async endIfDone(situation: Situation): Promise<boolean> {
    const wave = situation.waves[this.#index];
    if (this.#hasEnded || !wave || !hasEnded(wave)) return false;
    await this.end(situation);
    return true;
  }

  /** Ends the current wave, if any, whatever the state of its clusters. */
  async end({ waves }: Situation): Promise<void> {
    const wave = this.#waves[this.#index];
    if (this.#hasEnded || !wave) return;
    this.#hasEnded = true;
    const clusters = waves[this.#index]?.clusters ?? [];
    const clustersIn = (...states: readonly ClusterState[]): readonly string[] =>
      clusters.filter(({ state }) => states.includes(state)).map(({ name }) => name);
    await this.#call(wave, {
      at: 'end',
      done: clustersIn('ok'),
      failed: clustersIn('failed'),
      left: clustersIn('left', 'waiting'),
    });
  }

  async #call(wave: PlannedWave, rest: Pick<WaveFacts, 'at' | 'done' | 'failed' | 'left'>): Promise<void> {
    const { hostsOf } = this.#request;
    const hosts = wave.clusters.flatMap((name) => hostsOf.get(name) ?? []);
    const members = new Set(hosts);
    const plans = this.#look.plans.filter((plan) => plan.hosts.some(({ host }) => members.has(host)));
    const isDue = isWork(plans, this.#request);
    if (!isDue) return;
    const { name, clusters } = wave;
    await this.#engine.callWave({
      wave: name,
      number: this.#index + 1,
      of: this.#waves.length,
      clusters,
      hosts,
      ...rest,
    });
  }
}
