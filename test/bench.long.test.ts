import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { needing } from './support/programs.ts';

// A bench is run by hand, and seldom: without these it would be found broken on the day when its figures are wanted.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const project = fileURLToPath(new URL('..', import.meta.url));

let built: string;

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'kplay-built-'));
  const { status, stderr } = node('scripts/build.mjs', built);
  expect(status, stderr).toBe(0);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

function node(...words: readonly string[]) {
  return spawnSync(process.execPath, words, { cwd: project, encoding: 'utf8' });
}

function bench(program: string, ...words: readonly string[]) {
  return node('scripts/run-ts.mjs', `bench/${program}.ts`, '--kplay', join(built, 'kplay.js'), ...words);
}

test.skipIf(process.getuid?.() !== 0)(
  'the bench does each of its jobs on a real sshd (needs root)',
  needing('sshd', 'openssl', 'ssh'),
  () => {
    const { stdout, stderr, status } = bench('main', '--sizes', '1', '--repeat', '1');
    expect(status, `${stdout}${stderr}`).toBe(0);
    for (const job of ['a', 'b', 'b again']) expect(stdout).toMatch(new RegExp(`^ +1 {2}${job} +\\d`, 'm'));
  },
);

test.each([
  ['reports', ['--hosts', '2']],
  ['clusters', ['--hosts', '4', '--size', '2']],
])('the bench of %s runs in both ways', (program, words) => {
  const { stdout, stderr, status } = bench(program, ...words, '--repeat', '1');
  expect(status, `${stdout}${stderr}`).toBe(0);
  expect(stdout).toMatch(/^ratio \d/m);
});

test.each([
  ['main', ['--size', '3'], "Unknown option '--size'"],
  ['main', ['--sizes', '3,x'], '--sizes takes whole numbers from 1 on, not 3,x'],
  ['reports', ['much'], "Unexpected argument 'much'"],
])('%s %s is refused', (program, words, reason) => {
  const { status, stderr } = bench(program, ...words);
  expect(status).not.toBe(0);
  expect(stderr).toContain(reason);
});
