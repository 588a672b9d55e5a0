import { setMaxListeners } from 'node:events';

const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal is given; the returned function stops that. One signal serves all hosts of a run and each
 * of their scripts: it gets one listener of its own for all of them, as it would search through its listeners each time.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => undefined;
  const all = listeners.get(signal) ?? listen(signal);
  all.add(listener);
  return () => all.delete(listener);
}

function listen(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  listeners.set(signal, all);
  // Waits put theirs on it as well: many are no leak, of which Node would warn on the terminal.
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
