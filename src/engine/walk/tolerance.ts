import type { CompiledPlay } from '../program/compiled.ts';

/** Why a play goes no further when so many of its hosts are out of it; undefined while it may go on. */
export function intolerable(
  { anyErrorsFatal, maxFailPercentage }: CompiledPlay,
  bad: number,
  of: number,
): string | undefined {
  if (bad === 0) return undefined;
  if (anyErrorsFatal) return 'any_errors_fatal';
  if (maxFailPercentage === undefined || (bad / of) * 100 <= maxFailPercentage) return undefined;
  return `max_fail_percentage is ${maxFailPercentage}`;
}
