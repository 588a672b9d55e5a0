import type { Standing } from '../../core/signal.ts';
import { SignalListener } from '../signal-listener.ts';
import type { FleetEngine } from './fleet-engine.ts';
import type { RolloutRequest } from './rollout-request.ts';

/** How a rollout waits: with an ear for what operators say. */
export class Waits {
  readonly #engine: FleetEngine;
  readonly #listener: SignalListener;
  #last: string | undefined;

  constructor(engine: FleetEngine, { commands, emit }: Pick<RolloutRequest, 'commands' | 'emit'>) {
    this.#engine = engine;
    this.#listener = new SignalListener(() => engine.signals(), commands, emit);
  }

  /** Hears what is new, and tells it. */
  listen(): Standing {
    return this.#listener.listen();
  }

  get standing(): Standing {
    return this.#listener.standing;
  }

  /** Until one of these has ended, that moment has come, or somebody has said something. */
  async untilWoken(until?: number, running: readonly Promise<void>[] = []): Promise<void> {
    const over = new AbortController();
    const { heard } = this.#listener;
    const woken = this.#engine.wait({ ...(until !== undefined && { until }), heard, over: over.signal });
    try {
      await Promise.race([...running, woken]);
    } finally {
      over.abort();
    }
  }

  /** Until that moment, whatever is said meanwhile, unless it is over before. */
  async rest(until: number, isOver: () => boolean): Promise<void> {
    for (this.listen(); !isOver() && this.#engine.now() < until; this.listen()) await this.untilWoken(until);
  }

  /** What is waited for is told once. */
  isNews(wait: string): boolean {
    const isNews = this.#last !== wait;
    this.#last = wait;
    return isNews;
  }
}
