import { setMaxListeners } from 'node:events';

/**
 * Calls `listener` when the signal is given; the returned function stops that. One signal serves all hosts of a run, so that
 * many listeners on it are no leak, of which Node would warn on the terminal.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => undefined;
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
