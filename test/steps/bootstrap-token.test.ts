import { expect, test } from 'vitest';
import type { CommandResult } from '../../src/core/session.ts';
import type { WriteContext, WriteOptions } from '../../src/core/step.ts';
import { makeToken } from '../../src/steps/kubelet/bootstrap-token.ts';

test('a master that does not answer is asked for a token no longer than it may take', async () => {
  const limits: (number | undefined)[] = [];
  const run = async (_script: unknown, options?: WriteOptions): Promise<CommandResult> => {
    limits.push(options?.timeoutMs);
    return { exitCode: 0, stdout: 'abcdef.0123456789abcdef\n', stderr: '', truncated: false, timedOut: false };
  };
  const waitFor: WriteContext['waitFor'] = async (_what, _timeoutMs, look) => {
    const seen = await look();
    if (!seen.done) throw new Error(seen.state);
    return seen.value;
  };
  const { id } = await makeToken(
    { host: 'w1', waitFor } as WriteContext,
    { host: 'm1', run } as unknown as WriteContext,
    180_000,
  );
  expect(id).toBe('abcdef');
  expect(limits).toEqual([180_000]);
});
