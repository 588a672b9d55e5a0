import { userInfo } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processEnvironment } from '../../src/cli/environment.ts';
import { runsDirectory } from '../../src/cli/run/runs-directory.ts';

const DAY_MS = 86_400_000;
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('the clock of a run', () => {
  it.each([DAY_MS, -DAY_MS])('goes on when that of the machine jumps by %i ms', (jump) => {
    const { clock } = processEnvironment();
    const before = clock().getTime();
    expect(Math.abs(before - Date.now())).toBeLessThan(60_000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jump });
    expect(Math.abs(Date.now() - before)).toBeGreaterThan(DAY_MS / 2);
    const after = clock().getTime();
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after - before).toBeLessThan(60_000);
  });
});

describe('the home directory', () => {
  it('is the one of the user if HOME is empty, and not the working directory', () => {
    vi.stubEnv('HOME', '');
    expect(processEnvironment().home).toBe(userInfo().homedir);
    vi.stubEnv('HOME', '/home/other');
    expect(processEnvironment().home).toBe('/home/other');
  });
});

describe('the journals', () => {
  it.each([
    ['/elsewhere', '/elsewhere/kplay/runs'],
    ['elsewhere', '/home/ops/.local/state/kplay/runs'],
    ['./elsewhere', '/home/ops/.local/state/kplay/runs'],
    ['', '/home/ops/.local/state/kplay/runs'],
  ])('are in XDG_STATE_HOME only if it is an absolute path: %j', (XDG_STATE_HOME, directory) => {
    const environment = { ...processEnvironment(), home: '/home/ops', variables: { XDG_STATE_HOME } };
    expect(runsDirectory(environment, {})).toBe(directory);
  });
});
