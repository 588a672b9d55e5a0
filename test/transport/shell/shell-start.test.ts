import { expect, it } from 'vitest';
import type { Link } from '../../../src/transport/link.ts';
import { startShell } from '../../../src/transport/shell/shell-start.ts';

/** How Node.js says that it could not start a program. */
const failedSpawn = (code: string): Error =>
  Object.assign(new Error(`spawn /bin/sh ${code}`), { code, syscall: 'spawn /bin/sh', path: '/bin/sh' });

async function startFailing(error: Error): Promise<unknown> {
  const link = { spawn: () => Promise.reject(error) } as unknown as Link;
  const options = { host: 'here', token: () => '0', timeoutMs: 1000 } as unknown as Parameters<typeof startShell>[1];
  return startShell(link, options).catch((caught: unknown) => caught);
}

it.each([
  ['EAGAIN', 'processes', 'this machine cannot start another process: the limit of processes is reached', /ulimit -u/],
  ['ENOMEM', 'processes', 'this machine cannot start another process: there is not enough memory', /--limit$/],
  ['EMFILE', 'open-files', 'this machine cannot open another connection: too many files are open', /ulimit -Hn/],
  ['ENOENT', 'shell', 'this machine cannot start sh: there is no such file', /in the directory in which kplay runs/],
])(
  'a shell that is not started here because of %s has a remedy for this machine',
  async (code, reason, message, remedy) => {
    expect(await startFailing(failedSpawn(code))).toMatchObject({
      host: 'here',
      reason,
      message,
      remedy: expect.stringMatching(remedy),
    });
  },
);

it('a shell that an sshd does not start has a remedy for that', async () => {
  expect(await startFailing(new Error('(SSH) Channel open failure: open failed'))).toMatchObject({
    reason: 'shell',
    remedy: expect.stringContaining('sshd_config'),
  });
});
