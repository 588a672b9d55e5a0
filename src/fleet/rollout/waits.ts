import type { SignalState } from '../../core/signal.ts';
import { SignalListener } from '../signal-listener.ts';
import type { FleetEngine } from './fleet-engine.ts';
import type { RolloutRequest } from './rollout-request.ts';

/** The waits of a rollout, which signals of operators end. */
export class Waits {
  readonly #engine: FleetEngine;
  readonly #listener: SignalListener;
  #last: string | undefined;

  constructor(engine: FleetEngine, { commands, emit }: Pick<RolloutRequest, 'commands' | 'emit'>) {
    this.#engine = engine;
    this.#listener = new SignalListener(() => engine.signals(), commands, emit);
  }

  /** Reads and reports new signals. */
  listen(): SignalState {
    return this.#listener.listen();
  }

  get signalState(): SignalState {
    return this.#listener.signalState;
  }

  /** Waits until one of these has ended, the given time has come, or a signal arrives. */
  async untilWoken(until?: number, running: readonly Promise<void>[] = []): Promise<void> {
    const over = new AbortController();
    const { signalCount } = this.#listener;
    const woken = this.#engine.wait({ ...(until !== undefined && { until }), signalCount, over: over.signal });
    try {
      await Promise.race([...running, woken]);
    } finally {
      over.abort();
    }
  }

  /** Waits until the given time (milliseconds since the epoch), whatever signals arrive, unless it is over before. */
  async rest(until: number, isOver: () => boolean): Promise<void> {
    for (this.listen(); !isOver() && this.#engine.now() < until; this.listen()) await this.untilWoken(until);
  }

  /** Whether this wait has not been reported yet. */
  isNew(wait: string): boolean {
    const isNew = this.#last !== wait;
    this.#last = wait;
    return isNew;
  }
}
