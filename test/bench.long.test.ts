import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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

test.skipIf(process.getuid?.() !== 0)(
  'a bench that is interrupted leaves no sshd and no file (needs root)',
  needing('sshd', 'openssl', 'ssh'),
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kplay-interrupted-'));
    try {
      const words = ['scripts/run-ts.mjs', 'bench/main.ts', '--kplay', join(built, 'kplay.js'), '--sizes', '2'];
      const env = { ...process.env, TMPDIR: directory };
      const running = spawn(process.execPath, words, { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const exit = once(running, 'exit');
      // The fleet of one host that measures the start of kplay is gone by then.
      for await (const chunk of running.stdout) if (String(chunk).includes('kplay --version')) break;
      await expect.poll(() => serversIn(directory), { timeout: 60_000 }).toHaveLength(2);
      running.kill();
      expect(await exit).toEqual([143, null]);
      expect(readdirSync(directory)).toEqual([]);
      await expect.poll(() => serversIn(directory)).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
);

/** The sshds whose configuration is below a directory. */
function serversIn(directory: string): readonly string[] {
  const { stdout } = spawnSync('pgrep', ['-f', `sshd.* ${directory}`], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}

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
