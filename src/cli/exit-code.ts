import type { RunResult } from '../engine/run-state.ts';

/** What the exit code of kplay says; documented in docs/exit-codes.md. */
export const EXIT = {
  good: 0,
  /** The input is wrong; nothing was contacted. */
  input: 1,
  /** A host failed. */
  failed: 2,
  /** A host or a play was refused before it was changed, or a certificate ends before it may be. */
  refused: 3,
  /** A host was unreachable, none failed. */
  unreachable: 4,
  /** A bug of kplay. */
  bug: 5,
  interrupted: 130,
} as const;

/** The gravest thing that happened decides. */
export function exitCodeOf(result: RunResult, wasInterrupted: boolean): number {
  if (result.mistake !== undefined) return EXIT.bug;
  if (wasInterrupted) return EXIT.interrupted;
  if (result.failed.length > 0) return EXIT.failed;
  if (result.refused.length > 0 || result.late.length > 0 || !result.wasConfirmed) return EXIT.refused;
  return result.unreachable.length > 0 ? EXIT.unreachable : EXIT.good;
}

/** `--detailed-exitcode`, as Terraform's: 0 nothing to do, 2 something to do, 1 anything else. */
export function detailedExitCode(result: RunResult, wasInterrupted: boolean): number {
  if (exitCodeOf(result, wasInterrupted) !== EXIT.good) return 1;
  return hasChanges(result) ? 2 : 0;
}

/** Something is, or may be, to be done. */
export function hasChanges({ plans }: RunResult): boolean {
  return plans.some(({ hosts }) =>
    hosts.some(({ tasks }) =>
      tasks.some(
        (plan) =>
          plan.condition === undefined &&
          (plan.action === 'unknown' || (plan.action === 'change' && plan.changes.some(({ kind }) => kind !== 'look'))),
      ),
    ),
  );
}
