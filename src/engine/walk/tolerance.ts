import type { CompiledPlay } from '../program/compiled.ts';

/** Why a play must stop with this many hosts out; undefined if it may go on. */
export function exceededTolerance(
  { anyErrorsFatal, maxFailPercentage }: CompiledPlay,
  out: number,
  of: number,
): string | undefined {
  if (out === 0) return undefined;
  if (anyErrorsFatal) return 'any_errors_fatal';
  if (maxFailPercentage === undefined || out * 100 <= maxFailPercentage * of) return undefined;
  return `max_fail_percentage is ${maxFailPercentage}`;
}
