import { expect, test } from 'vitest';
import type { Signal } from '../../src/core/signal.ts';
import { OperatorWatch } from '../../src/fleet/operator-watch.ts';
import { SignalListener } from '../../src/fleet/signal-listener.ts';

test('a reporter that fails as a pause is told ends nothing: the pause holds, and whoever closes the watch is told', async () => {
  const signals: Signal[] = [];
  const failure = new Error('the screen is gone');
  const commands = { approve: () => '', resume: '', again: '' };
  const listener = new SignalListener(
    () => signals,
    commands,
    ({ type }) => {
      if (type === 'run-paused') throw failure;
    },
  );
  const looks: (() => void)[] = [];
  const wait = (_milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      looks.push(resolve);
      signal.addEventListener('abort', () => resolve());
    });
  const tools = { wait } as unknown as ConstructorParameters<typeof OperatorWatch>[1]['tools'];
  const watch = new OperatorWatch(listener, { tools, stop: new AbortController().signal });
  const said = { by: 'ops@admin', at: '2026-11-24T12:00:00Z' };
  signals.push({ kind: 'pause', ...said });
  const look = async (): Promise<void> => {
    looks.pop()?.();
    await new Promise(setImmediate);
  };
  await look();
  let isHeldBack = true;
  const asked = watch.whyNot().then((why) => {
    isHeldBack = false;
    return why;
  });
  await look();
  expect(isHeldBack).toBe(true);
  signals.push({ kind: 'resume', ...said });
  await look();
  expect(await asked).toBe(undefined);
  await expect(watch.close()).rejects.toBe(failure);
});
