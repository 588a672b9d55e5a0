import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { $ } from 'zx';

/** What one run of a program cost. */
export interface Cost {
  readonly wallMs: number;
  /** Of all its threads, in user and kernel mode. */
  readonly cpuMs: number;
  /** The most memory that was resident at once. */
  readonly residentMb: number;
}

/**
 * Runs a program of node's, alone.
 * @param directory where it may leave files.
 * @throws {Error} when it fails, with what it said.
 */
export async function costOf(words: readonly string[], directory: string): Promise<Cost> {
  const file = join(directory, 'usage.json');
  // Node.js 20 reads these certificates at each start, which takes as long as the rest of an empty one.
  const { NODE_EXTRA_CA_CERTS: _, ...variables } = process.env;
  const env = { ...variables, BENCH_USAGE: file, XDG_STATE_HOME: directory };
  const started = performance.now();
  const running = $({ quiet: true, env, input: '' })`${process.execPath} --require ./bench/usage.cjs ${words}`;
  // It would go on behind a bench that is interrupted, and write into the directory that was just removed.
  const kill = (): void => void running.child?.kill('SIGKILL');
  process.prependListener('exit', kill);
  try {
    await running;
  } finally {
    process.off('exit', kill);
  }
  const wallMs = performance.now() - started;
  const { userCPUTime, systemCPUTime, maxRSS }: NodeJS.ResourceUsage = JSON.parse(readFileSync(file, 'utf8'));
  return { wallMs, cpuMs: (userCPUTime + systemCPUTime) / 1_000, residentMb: maxRSS / 1_024 };
}

/** The least of each: what else the machine has to do only ever adds. */
export function least(costs: readonly Cost[]): Cost {
  const of = (part: keyof Cost): number => Math.min(...costs.map((cost) => cost[part]));
  return { wallMs: of('wallMs'), cpuMs: of('cpuMs'), residentMb: of('residentMb') };
}
