import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { processEnvironment } from '../../src/cli/environment.ts';
import { hasEnded, isRunnerAlive, registerHolder, runner } from '../../src/cli/run/liveness.ts';
import type { StartEntry } from '../../src/core/journal.ts';
import { needing } from '../support/programs.ts';

const named = (machine: string, pid: number, run: string): string =>
  `ann@${machine}, pid ${pid}, started 2026-11-24T15:12:44Z (run ${run})`;
const OURS = named(hostname(), process.pid, 'ours');
const ENDED = spawnSync('true').pid;

test.each([
  ['of this machine whose process is gone', named(hostname(), ENDED, 'a'), true],
  ['of this machine whose process is there', named(hostname(), process.ppid, 'a'), false],
  ['that this process had before', named(hostname(), process.pid, 'a'), true],
  ['that is ours', OURS, false],
  ['of another machine', named(`other-${hostname()}`, ENDED, 'a'), false],
  ['of an older version', named(hostname(), ENDED, 'a').replace('started', 'since'), true],
  ['that nobody can name', 'an unknown run', false],
])('whether a run has ended is known of one %s', (_what, holder, known) => {
  expect(hasEnded(holder, OURS)).toBe(known);
});

test.runIf(process.platform === 'linux')(
  'a process that has exited has ended, though its parent takes no notice',
  async () => {
    // It ends once its parent is no shell any more, which would take notice.
    const child = 'until read -r name </proc/$$/comm && [ "$name" = sleep ]; do :; done';
    const script = `(${child}) & echo $!; exec sleep 600`;
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [text] = await once(parent.stdout, 'data');
      const pid = Number(text);
      await vi.waitUntil(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), { timeout: 30_000 });
      expect(hasEnded(named(hostname(), pid, 'a'), OURS)).toBe(true);
    } finally {
      parent.kill();
    }
  },
);

test('a lock says when its run was started, not since when it is held: a rollout takes the last ones days later', () => {
  const { name, release } = registerHolder(processEnvironment(), 'one');
  release();
  expect(name).toMatch(/, pid \d+, started \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(run one\)$/);
});

test('of two runs that one process has at once, as a worker has them, neither has ended before it lets go', () => {
  const [one, other] = ['one', 'other'].map((run) => registerHolder(processEnvironment(), run));
  if (!one || !other) throw new Error('there are two');
  expect([hasEnded(one.name, other.name), hasEnded(other.name, one.name)]).toEqual([false, false]);
  one.release();
  expect([hasEnded(one.name, other.name), hasEnded(other.name, one.name)]).toEqual([true, false]);
  other.release();
});

describe('where there is no /proc', () => {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform') ?? {};
  beforeEach(() => void Object.defineProperty(process, 'platform', { ...platform, value: 'darwin' }));
  afterEach(() => {
    Object.defineProperty(process, 'platform', platform);
    vi.unstubAllEnvs();
  });

  it('a process is known again by its start, as ps has it', needing('ps'), () => {
    const ours = runner(processEnvironment()) as StartEntry;
    expect(ours.processStart).toMatch(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d+ \d\d:\d\d:\d\d \d{4}$/);
    expect(isRunnerAlive(ours)).toBe(true);
    expect(isRunnerAlive({ ...ours, processStart: 'Mon Nov 23 00:00:00 2020' })).toBe(false);
  });

  it('a process whose start cannot be read, as ps cannot be started, counts as alive while it is there', () => {
    const ours = runner(processEnvironment()) as StartEntry;
    vi.stubEnv('PATH', '/none');
    expect(isRunnerAlive(ours)).toBe(true);
    expect(isRunnerAlive({ ...ours, pid: ENDED })).toBe(false);
  });
});
