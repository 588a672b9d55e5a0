import { LONGEST_TIMER_MS, timerMs } from '../core/timer.ts';

/** Waits, however long. @throws the reason of `signal`, as soon as that is aborted */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  let left = milliseconds;
  do {
    await waitOnce(timerMs(left), signal);
    left -= LONGEST_TIMER_MS;
  } while (left > 0);
}

function waitOnce(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
    return undefined;
  });
}
