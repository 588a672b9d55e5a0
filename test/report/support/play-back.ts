import { vi } from 'vitest';
import type { Reporter } from '../../../src/report/reporter.ts';
import { START } from './cluster.ts';
import type { Timed } from './runs.ts';

/** Hands a recorded run to a reporter under vitest's fake clock, which it sets to the run's start first. */
export async function playBack(
  reporter: Reporter,
  run: readonly Timed[],
  untilMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  vi.setSystemTime(START);
  for (const [atMs, event] of [...run].sort(([a], [b]) => a - b)) {
    if (atMs > untilMs) break;
    await advanceTo(atMs);
    reporter.handle(event);
  }
  if (Number.isFinite(untilMs)) await advanceTo(untilMs);
}

async function advanceTo(atMs: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(START.getTime() + atMs - Date.now());
}
