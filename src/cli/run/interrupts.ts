/** What signals mean to a run: the first asks it to end after the step in hand, the second ends it at once. */
export interface Interrupts {
  /** Nothing new is begun once it is aborted. */
  readonly stop: AbortSignal;
  /** Everything ends once it is aborted. */
  readonly abort: AbortSignal;
  readonly wasInterrupted: () => boolean;
  /** As the first signal does, and without a word: the user has ended a question with it. */
  end(): void;
  /** Gives the signals back to whoever had them. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function handleInterrupts(onInterrupt: (message: string) => void): Interrupts {
  const stop = new AbortController();
  const abort = new AbortController();
  const handler = (): void => {
    if (!stop.signal.aborted) {
      stop.abort(new Error('interrupted'));
      onInterrupt('finishing the current step, then stopping; interrupt again to stop at once');
    } else if (!abort.signal.aborted) {
      abort.abort(new Error('interrupted'));
      onInterrupt('stopping at once, without waiting for the hosts');
    }
  };
  for (const signal of SIGNALS) process.on(signal, handler);
  return {
    stop: stop.signal,
    abort: abort.signal,
    wasInterrupted: () => stop.signal.aborted,
    end: () => stop.abort(new Error('interrupted')),
    release: () => {
      for (const signal of SIGNALS) process.off(signal, handler);
    },
  };
}
