/** The longest time of a timer of Node.js, some 24 days: a longer one would be over at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time limit as a timer can keep it: nobody notices that one of more than 24 days is shorter. */
export function timerMs(milliseconds: number): number {
  return Math.min(milliseconds, LONGEST_TIMER_MS);
}
