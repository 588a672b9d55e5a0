import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bundleProgram, PROJECT, programOf } from './cli/support/bundled-program.ts';
import { Bench } from './simulation/support/bench.ts';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 120_000 });

const NAME = 'demo-fleet';

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
  await bundleProgram(NAME);
});
afterAll(async () => {
  rmSync(dirname(programOf(NAME)), { recursive: true, force: true });
  await bench.close();
});

it.each([
  ['while its hosts start', /^SIMULATION/, 0],
  ['in a rollout', /cluster dev: started/, 2],
])('the demo of a fleet ends at one Ctrl-C %s, and leaves nothing', async (_, when, commands) => {
  const temporary = mkdtempSync(join(tmpdir(), 'kplay-demo-'));
  try {
    const words = ['scripts/run-ts.mjs', 'scripts/demo-fleet.ts', programOf(NAME)];
    // In a process group of its own: a terminal sends Ctrl-C to all processes of the group.
    const demo = spawn(process.execPath, words, {
      cwd: PROJECT,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const ended = once(demo, 'exit');
    let said = '';
    demo.stdout.on('data', (chunk) => {
      const isOver = when.test(said);
      said += chunk;
      if (!isOver && when.test(said)) process.kill(-Number(demo.pid), 'SIGINT');
    });
    expect(await ended).toEqual([130, null]);
    expect(said).not.toContain('stopping at once');
    expect(said.match(/^\$ kplay/gm) ?? []).toHaveLength(commands);
    expect(/^Six clusters/m.test(said)).toBe(commands > 0);
    expect(readdirSync(temporary)).toEqual([]);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});

it('the demo of a fleet does what it says: killed in the second wave, resumed, and all six clusters renewed in the end', () => {
  const words = ['scripts/run-ts.mjs', 'scripts/demo-fleet.ts', programOf(NAME)];
  // The user's own defaults do not count: its runs are none of theirs.
  const env = { ...process.env, KPLAY_STATE: bench.runtime.directory, KPLAY_LIMIT: 'production' };
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: PROJECT, encoding: 'utf8', env });
  expect(status, stdout + stderr).toBe(0);
  const [planned = '', killed = '', resumed = '', listed = '', ended = ''] = stdout.split(/^\$ kplay /m).slice(1);
  expect(planned).toMatch(/^ +\d +prod-sa +rest +1 host to change .* outside its windows; it may start /m);
  expect(killed).toMatch(/cluster staging: done[\s\S]*wave rest, 2 of 2/);
  expect(killed).not.toContain('PLAY RECAP');
  expect(resumed).toMatch(/^ +staging-m1 : .*changed=0 /m);
  expect(resumed).toMatch(/cluster prod-ap: failed/);
  expect(resumed).toMatch(/prod-ap-m1 restored/);
  expect(resumed).toMatch(/Exit 2\./);
  expect(listed).toMatch(/run .*renew\.yml/);
  expect(ended).toMatch(/^ +prod-ap-m1 : .*failed=0 /m);
  expect(ended).toMatch(/^ +prod-sa-m1 : .*failed=0 /m);
  expect(ended).not.toMatch(/Exit \d/);
  expect(stdout).toContain('Six of six clusters are renewed');
});
