import { expect, test } from 'vitest';
import type { WriteSession } from '../../src/core/session.ts';
import { stepContext } from '../../src/engine/run/step-context.ts';
import type { LeafOrder } from '../../src/kubeadm/certificates/leaf-order.ts';
import { makeNatively } from '../../src/steps/certs/native-maker.ts';
import { carryLeaves, type StagingArea, stagingArea } from '../../src/steps/placing/staging.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';

/** A host on which everything is ended while it prints. */
function cutOff(): StagingArea {
  const printed = `-----BEGIN PRIVATE KEY-----\n${KEY}`;
  const session = {
    host: 'm1',
    run: async () => ({ exitCode: null, stdout: printed, stderr: '', truncated: false, timedOut: true }),
  } as unknown as WriteSession;
  const context = stepContext({
    session,
    runId: 'r',
    holder: '',
    order: '',
    signal: new AbortController().signal,
    clock: () => new Date(),
    wait: async () => undefined,
    peer: () => undefined,
    onArming: () => undefined,
    onProgress: () => undefined,
  });
  return stagingArea(context, describedHost());
}

test.each<[what: string, read: (at: StagingArea, orders: readonly LeafOrder[]) => Promise<void>]>([
  ['of a CA', makeNatively],
  ['that a master has made', (at, orders) => carryLeaves(at, at, orders)],
])(
  'no part of a private key %s stands in the failure of a host that was cut off as it printed it',
  async (_what, read) => {
    const at = cutOff();
    const orders = at.host.credentials
      .filter(({ name }) => name === 'apiserver')
      .map((credential) => ({ credential }) as LeafOrder);
    const failure = await read(at, orders).then(undefined, (error: unknown) => error);
    expect(failure).toMatchObject({ code: 'script-failed', message: expect.stringContaining('did not end in time') });
    expect(JSON.stringify(failure)).not.toContain(KEY);
    expect(JSON.stringify(failure)).not.toContain('PRIVATE');
  },
);
