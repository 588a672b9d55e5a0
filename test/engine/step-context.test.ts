import { describe, expect, it } from 'vitest';
import type { WriteSession } from '../../src/core/session.ts';
import { sh } from '../../src/core/shell.ts';
import { stepContext } from '../../src/engine/run/step-context.ts';
import { TimeLimit } from '../../src/engine/run/time-limit.ts';

const MINUTE_MS = 60_000;

function contextOf(session: Partial<WriteSession>, clock: () => Date, seconds: number) {
  return stepContext({
    session: { host: 'a', ...session } as WriteSession,
    runId: 'r',
    holder: 'the test',
    order: '1',
    limit: new TimeLimit({ seconds, by: 'timeout' }, clock),
    signal: new AbortController().signal,
    clock,
    wait: async () => undefined,
    peer: () => undefined,
    onArming: () => undefined,
    onProgress: () => undefined,
  });
}

describe('a wait of a task with a timeout', () => {
  it.each([
    [4, 'seen'],
    [6, 'Task failed: Timed out after 5 second(s).'],
  ])('does not take what a look of %i s has found when the time was over', async (seconds, outcome) => {
    let now = 0;
    const clock = () => new Date(now);
    const context = contextOf({}, clock, 5);
    const waited = context.waitFor('a page', MINUTE_MS, async () => {
      now += seconds * 1_000;
      return { done: true, value: 'seen' };
    });
    expect(await waited.catch((error: Error) => error.message)).toBe(outcome);
  });
});

it.each([
  ["mv: cannot move 'a' to 'b': Operation not permitted", 'script-failed', 'chattr -ia FILE'],
  // As uutils 0.12 says it.
  ["mv: cannot move 'a' to 'b': Permission denied", 'script-failed', 'become root (-b) if that is missing'],
  ["cp: error writing 'b': No space left on device", 'disk-full', 'free some space first'],
  // As uutils 0.12 says it.
  ['cat: -: No space left on device', 'disk-full', 'free some space first'],
  [
    "mv: cannot move 'a' to 'b': Permission denied (os error 13)",
    'script-failed',
    'become root (-b) if that is missing',
  ],
  // By git, of a login to another host.
  ['git@example.org: Permission denied (publickey).', 'script-failed', 'fix what it reports'],
  ['Permission denied, please try again.', 'script-failed', 'fix what it reports'],
  ["mv: cannot stat 'a': No such file or directory", 'script-failed', 'fix what it reports'],
])('a command that fails with "%s" has the remedy of that', async (stderr, code, remedy) => {
  const failed = { exitCode: 1, stdout: '', stderr, timedOut: false, truncated: false };
  const context = contextOf({ run: async () => failed }, () => new Date(0), 60);
  await expect(context.run(sh`mv a b`)).rejects.toMatchObject({ code, remedy: expect.stringContaining(remedy) });
});

it('a file that is not executable is no matter of root or of attributes', async () => {
  const stderr = 'sh: 1: /opt/site/restart.sh: Permission denied';
  const failed = { exitCode: 126, stdout: '', stderr, timedOut: false, truncated: false };
  const context = contextOf({ run: async () => failed }, () => new Date(0), 60);
  const remedy = 'fix what it reports, then run again';
  await expect(context.run(sh`/opt/site/restart.sh`)).rejects.toMatchObject({ code: 'script-failed', remedy });
});
