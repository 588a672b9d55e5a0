import { describe, expect, it } from 'vitest';
import type { WriteSession } from '../../src/core/session.ts';
import { stepContext } from '../../src/engine/run/step-context.ts';
import { TimeLimit } from '../../src/engine/run/time-limit.ts';

describe('a wait of a task with a timeout', () => {
  it.each([
    [4, 'seen'],
    [6, 'Task failed: Timed out after 5 second(s).'],
  ])('does not take what a look of %i s has found when the time was over', async (seconds, outcome) => {
    let now = 0;
    const clock = () => new Date(now);
    const context = stepContext({
      session: { host: 'a' } as WriteSession,
      runId: 'r',
      holder: 'the test',
      order: '1',
      limit: new TimeLimit({ seconds: 5, by: 'timeout' }, clock),
      signal: new AbortController().signal,
      clock,
      wait: async () => undefined,
      peer: () => undefined,
      onWhenLost: () => undefined,
      onProgress: () => undefined,
    });
    const waited = context.waitFor('a page', 60_000, async () => {
      now += seconds * 1_000;
      return { done: true, value: 'seen' };
    });
    expect(await waited.catch((error: Error) => error.message)).toBe(outcome);
  });
});
