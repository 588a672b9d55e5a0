import type { RunTools } from '../engine/run/tools.ts';

/**
 * How often the clock is checked during a long wait, so that sleep of the machine and changes of its clock are noticed.
 */
const LOOK_MS = 1_000;

/** How a long wait goes by the time of day. */
export interface LongWait {
  /** The time of day, in milliseconds. */
  readonly now: () => number;
  readonly wait: RunTools['wait'];
  /** Ends it early. */
  readonly stop: AbortSignal;
  /** Asked at each look at the clock: ends it early, too. */
  readonly isOver?: () => boolean;
}

/** Waits for a moment, or for whatever ends the wait early. */
export async function waitUntil(moment: number, { now, wait, stop, isOver }: LongWait): Promise<void> {
  try {
    for (let left = moment - now(); left > 0 && !stop.aborted; left = moment - now()) {
      if (isOver?.()) return;
      await wait(Math.min(left, LOOK_MS), stop);
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
