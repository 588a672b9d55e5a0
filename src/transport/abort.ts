import { setMaxListeners } from 'node:events';

const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal is aborted, at once if it is already; the returned function removes it. One signal serves all hosts of a run and all
 * their scripts: all listeners share a single one on the signal, which would otherwise search through them each time.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => undefined;
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  const all = listeners.get(signal) ?? listen(signal);
  all.add(listener);
  return () => all.delete(listener);
}

function listen(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  listeners.set(signal, all);
  // Waits add listeners too: many are no leak, about which Node would warn on the terminal.
  setMaxListeners(0, signal);
  signal.addEventListener(
    'abort',
    () => {
      for (const listener of all) listener();
    },
    { once: true },
  );
  return all;
}
