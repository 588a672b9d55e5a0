/** How a run reacts to signals: the first asks it to end after the current step, the second ends it at once. */
export interface Interrupts {
  /** Once aborted, nothing new is started. */
  readonly stop: AbortSignal;
  /** Once aborted, everything ends. */
  readonly abort: AbortSignal;
  readonly wasInterrupted: () => boolean;
  /** Like the first signal, but without a message: the user has answered a question with Ctrl-C. */
  end(): void;
  /** Restores the previous signal handlers. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Handles signals from now on, until `release`. @param onInterrupt is told, in words, what the signal has led to */
export function handleInterrupts(onInterrupt: (message: string) => void): Interrupts {
  const stop = new AbortController();
  const abort = new AbortController();
  const handler = (signal?: NodeJS.Signals): void => {
    if (!stop.signal.aborted) {
      stop.abort(new Error('interrupted'));
      onInterrupt('finishing the current step, then stopping; interrupt again to stop at once');
    } else if (signal !== 'SIGHUP' && !abort.signal.aborted) {
      // Closing a terminal does not insist: the shell and the kernel may each tell of it, and systemd may after its SIGTERM.
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
