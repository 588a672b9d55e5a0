import { expect, it, vi } from 'vitest';
import { runTogether, SilentFailure } from '../../src/cli/temporal/run-together.ts';

type State = 'INITIALIZED' | 'RUNNING' | 'STOPPED' | 'FAILED';

/** A worker that runs until it is asked to end, or fails: then it takes so many turns until it has. */
class Worker {
  state: State = 'INITIALIZED';
  readonly #turns: number;
  #end: (error?: Error) => void = () => undefined;

  constructor(turns = 0) {
    this.#turns = turns;
  }

  getState(): State {
    return this.state;
  }

  async run(): Promise<void> {
    this.state = 'RUNNING';
    const error = await new Promise<Error | undefined>((resolve) => {
      this.#end = resolve;
    });
    for (let turn = 0; turn < this.#turns; turn++) await new Promise(setImmediate);
    this.state = error ? 'FAILED' : 'STOPPED';
    if (error) throw error;
  }

  shutdown(): void {
    this.#end();
  }

  fail(message: string): void {
    this.#end(new Error(message));
  }
}

it('ends the others when one has failed, and tells that failure when all have ended', async () => {
  const [first, slow] = [new Worker(), new Worker(20)];
  const ended = runTogether([async () => slow, async () => first], () =>
    setImmediate(() => first.fail('permission denied')),
  );
  await expect(ended).rejects.toThrow('permission denied');
  expect([first.state, slow.state]).toEqual(['FAILED', 'STOPPED']);
});

it('tells the first failure, and none that follows from it', async () => {
  const [first, second] = [new Worker(), new Worker(5)];
  second.shutdown = () => second.fail('the connection is shut');
  const ended = runTogether([async () => first, async () => second], () => setImmediate(() => first.fail('the cause')));
  await expect(ended).rejects.toThrow('the cause');
});

it('runs one to its end that was made before another could not be', async () => {
  const made = new Worker();
  let isBegun = false;
  const making = [async () => made, async () => Promise.reject(new Error('no such queue'))];
  await expect(runTogether(making, () => (isBegun = true))).rejects.toThrow('no such queue');
  expect([made.state, isBegun]).toEqual(['STOPPED', false]);
});

it('ends well when all are asked to end', async () => {
  const both = [new Worker(), new Worker(3)];
  await runTogether(
    both.map((one) => async () => one),
    () => setImmediate(() => both.map((one) => one.shutdown())),
  );
  expect(both.map(({ state }) => state)).toEqual(['STOPPED', 'STOPPED']);
});

it('does not wait for one that has failed and does not end', async () => {
  vi.useFakeTimers();
  try {
    const [stuck, other] = [new Worker(), new Worker()];
    const ended = runTogether([async () => stuck, async () => other], () => undefined).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(other.state).toBe('RUNNING');
    stuck.state = 'FAILED';
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await ended).toBeInstanceOf(SilentFailure);
    expect(other.state).toBe('STOPPED');
  } finally {
    vi.useRealTimers();
  }
});
