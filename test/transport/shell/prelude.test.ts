import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { prelude } from '../../../src/transport/shell/prelude.ts';

it('hands no program the directory of temporary files that the shell itself has', () => {
  const input = `${prelude('')}env\n`;
  const { stdout } = spawnSync('sh', {
    input,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], TMPDIR: '/var/tmp' },
  });
  expect(stdout).toContain('LC_ALL=C');
  expect(stdout).not.toContain('TMPDIR=');
});
