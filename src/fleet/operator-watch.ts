import type { RunTools } from '../engine/run/tools.ts';
import type { ApplyRequest, StopReason } from '../engine/run-request.ts';
import { type SignalListener, whyAborted, whyInterrupted } from './signal-listener.ts';

/** How often new signals are looked for. */
const LOOK_MS = 1_000;

/** Watches for signals during a run without a rollout, and holds back its clusters. */
export class OperatorWatch {
  readonly #listener: SignalListener;
  readonly #tools: RunTools;
  readonly #stop: AbortSignal;
  readonly #aborted = new AbortController();
  readonly #closed = new AbortController();
  readonly #watching: Promise<void>;
  #waiting: (() => void)[] = [];
  #error: unknown;

  constructor(listener: SignalListener, { tools, stop }: Pick<ApplyRequest, 'tools' | 'stop'>) {
    this.#listener = listener;
    this.#tools = tools;
    this.#stop = stop;
    this.#watching = this.#watch().catch((error: unknown) => {
      this.#error ??= error;
    });
    stop.addEventListener('abort', this.#wake);
  }

  /** Aborted when an operator aborts the run. */
  get aborted(): AbortSignal {
    return this.#aborted.signal;
  }

  /** Resolves as soon as the run is not paused; with why, when nothing is to be begun any more. */
  async whyNot(): Promise<StopReason | undefined> {
    for (;;) {
      const { paused, aborted } = this.#listen();
      if (aborted) return whyAborted(aborted, this.#listener.commands);
      if (this.#stop.aborted) return whyInterrupted(this.#listener.commands);
      if (!paused) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** @throws an error that occurred while listening, which is no reason to end a run between two changes. */
  async close(): Promise<void> {
    this.#stop.removeEventListener('abort', this.#wake);
    this.#closed.abort();
    await this.#watching;
    if (this.#error !== undefined) throw this.#error;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      this.#listen();
      try {
        await this.#tools.wait(LOOK_MS, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  #listen(): SignalListener['signalState'] {
    const { signalCount } = this.#listener;
    const signalState = this.#readSignals();
    if (signalState.aborted) this.#aborted.abort();
    if (this.#listener.signalCount > signalCount) this.#wake();
    return signalState;
  }

  /** A failure to read or report signals does not stop listening: the run and its operators go on. */
  #readSignals(): SignalListener['signalState'] {
    try {
      return this.#listener.listen();
    } catch (error) {
      this.#error ??= error;
      return this.#listener.signalState;
    }
  }

  readonly #wake = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  };
}
