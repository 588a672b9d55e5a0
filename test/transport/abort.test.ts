import { afterEach, describe, expect, it } from 'vitest';
import { onAbort } from '../../src/transport/abort.ts';

const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
afterEach(() => {
  process.off('warning', note);
  warnings.length = 0;
});

describe('listeners on one signal', () => {
  it('are all called, once, but those that were taken back', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => called.push('a'));
    const forget = onAbort(controller.signal, () => called.push('b'));
    onAbort(controller.signal, () => called.push('c'));
    forget();
    controller.abort();
    controller.abort();
    expect(called).toEqual(['a', 'c']);
  });

  it('are called at once when it is aborted already', () => {
    const called: string[] = [];
    onAbort(AbortSignal.abort(), () => called.push('late'));
    expect(called).toEqual(['late']);
  });

  it('are no leak, however many hosts and waits there are', async () => {
    process.on('warning', note);
    const { signal } = new AbortController();
    for (let host = 0; host < 100; host += 1) {
      onAbort(signal, () => undefined);
      signal.addEventListener('abort', () => undefined);
    }
    // Node tells of warnings in the turn after.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });
});
