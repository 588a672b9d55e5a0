import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PROJECT } from '../cli/support/bundled-program.ts';

test('tests that run in several shells leave nothing among the temporary files', { timeout: 120_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-left-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  const words = ['run', '--project', 'quick', 'test/steps/await-provable.test.ts'];
  execFileSync(process.execPath, [join(PROJECT, 'node_modules/vitest/vitest.mjs'), ...words], {
    cwd: PROJECT,
    env: { ...Object.fromEntries(own), TMPDIR: directory },
    stdio: 'pipe',
  });
  expect(readdirSync(directory)).toEqual([]);
});
