import { userInfo } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processEnvironment, steadyClock } from '../../src/cli/environment.ts';
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

describe('the clock of a run on a machine that sleeps', () => {
  it('has gone on when it wakes up, and never goes back', () => {
    let [awake, slept] = [0, 0];
    const clock = steadyClock({
      uptime: () => 5_000_000 + Math.floor((awake + slept) / 10) * 10,
      awake: () => awake,
      wall: () => 9_000_000 + awake + slept,
    });
    const start = clock().getTime();
    const passed = () => clock().getTime() - start;
    awake = 5_009;
    expect(passed()).toBe(5_009);
    slept = 8 * 3_600_000;
    expect(passed()).toBeGreaterThan(slept + 5_000 - 10);
    let last = passed();
    for (; awake < 6_000; awake += 3) {
      expect(passed()).toBeGreaterThanOrEqual(last);
      last = passed();
    }
    slept += 60_000;
    expect(passed()).toBeGreaterThan(last + 59_000);
  });

  it.each(['uptime', 'wall'])('does not follow one of them that jumps without the other: %s', (source) => {
    let jump = 0;
    const still = { uptime: () => 0, awake: () => 0, wall: () => 0 };
    const clock = steadyClock({ ...still, [source]: () => jump });
    const start = clock().getTime();
    jump = DAY_MS;
    expect(clock().getTime()).toBe(start);
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
