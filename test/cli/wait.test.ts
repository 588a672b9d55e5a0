import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { wait } from '../../src/cli/wait.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

// A single timer of Node.js ends at once if it is given more than 2 ** 31 - 1 ms.
test.each([0, 1_000, 2 ** 31 - 1, 2 ** 31, 3_000_000_000, 100 * 86_400_000])('a wait takes %i ms', async (ms) => {
  let isOver = false;
  const waiting = wait(ms, new AbortController().signal).then(() => {
    isOver = true;
  });
  if (ms > 0) {
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(isOver).toBe(false);
  }
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
});

test('a wait ends as soon as its signal is aborted, also after a month', async () => {
  const abort = new AbortController();
  const waiting = wait(100 * 86_400_000, abort.signal).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(30 * 86_400_000);
  abort.abort(new Error('interrupted'));
  expect(await waiting).toEqual(new Error('interrupted'));
  expect(vi.getTimerCount()).toBe(0);
});
