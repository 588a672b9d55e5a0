import type { ApplyRequest, WhyNot } from '../engine/run-request.ts';
import { type SignalListener, whyAborted } from './signal-listener.ts';

/** So often it is looked whether somebody has said something. */
const LOOK_MS = 1_000;

/** Listens to operators as long as a run without a rollout goes on, and holds its clusters back. */
export class OperatorWatch {
  readonly #listener: SignalListener;
  readonly #tools: ApplyRequest['tools'];
  readonly #stop: AbortSignal;
  readonly #aborted = new AbortController();
  readonly #over = new AbortController();
  readonly #watching: Promise<void>;
  #waiting: (() => void)[] = [];
  #mistake: unknown;

  constructor(listener: SignalListener, { tools, stop }: Pick<ApplyRequest, 'tools' | 'stop'>) {
    this.#listener = listener;
    this.#tools = tools;
    this.#stop = stop;
    this.#watching = this.#watch().catch((error: unknown) => {
      this.#mistake ??= error;
    });
    stop.addEventListener('abort', this.#wake);
  }

  /** Aborted when somebody has aborted the run. */
  get aborted(): AbortSignal {
    return this.#aborted.signal;
  }

  /** Resolves as soon as the run is not paused; with why, when nothing is to be begun any more. */
  async whyNot(): Promise<WhyNot | undefined> {
    for (;;) {
      const { paused, aborted } = this.#listen();
      if (aborted) return whyAborted(aborted, this.#listener.commands);
      if (!paused || this.#stop.aborted) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** @throws what went wrong while it listened: nobody else waits for that, and it is no reason to end a run between two changes. */
  async close(): Promise<void> {
    this.#stop.removeEventListener('abort', this.#wake);
    this.#over.abort();
    await this.#watching;
    if (this.#mistake !== undefined) throw this.#mistake;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      this.#listen();
      try {
        await this.#tools.wait(LOOK_MS, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  #listen(): SignalListener['standing'] {
    const { heard } = this.#listener;
    const standing = this.#readSignals();
    if (standing.aborted) this.#aborted.abort();
    if (this.#listener.heard > heard) this.#wake();
    return standing;
  }

  /** What cannot be read, or reported, now is no reason to stop listening: the run goes on, and its operators with it. */
  #readSignals(): SignalListener['standing'] {
    try {
      return this.#listener.listen();
    } catch (error) {
      this.#mistake ??= error;
      return this.#listener.standing;
    }
  }

  readonly #wake = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  };
}
