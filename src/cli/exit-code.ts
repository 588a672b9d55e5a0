import { certainRefusal } from '../core/events/planned-refusals.ts';
import { mayAlter } from '../core/plan-totals.ts';
import type { RunResult } from '../engine/run-result.ts';

/** The exit codes of kplay. */
export const EXIT = { good: 0, input: 1, failed: 2, refused: 3, unreachable: 4, bug: 5, interrupted: 130 } as const;

/** The meaning of each, for people; docs/reference/exit-codes.md and the manual page are generated from this. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  good: 'good',
  input:
    'no host was contacted: the input is wrong (playbook, inventory, options, keys, a pattern or limit that leaves no host), or the ' +
    'journal, or a file of `--out`, `--report` or `--metrics`, cannot be written. Also if the files of `kplay plan --out` or ' +
    '`kplay certs csr` cannot be written at the end, because the disk has become full, for example: a warning says so, and hosts were contacted',
  failed: 'at least one host failed (including an `assert` that is false, even if that was known in advance)',
  refused:
    'no host failed, and a host or a cluster was refused (by a safety check or a lock, outside its windows unless `--window skip`, or because it ' +
    'has changed since the plan was made), the answer to `--confirm` was no, or the answer to `--step` was no in the middle of a change, or a ' +
    'certificate expires before its cluster may be changed (also in `plan` and `check`)',
  unreachable:
    'no host failed or was refused, and at least one could not be reached or was lost (including hosts of clusters that a rollout observed but ' +
    'never got to), or, for `kplay check`, could not be read completely; for `kplay worker`: its server gives it no more work',
  bug:
    'a bug of kplay; please report it. The state of every host was reported, and none was left half changed: hosts in the middle of a ' +
    'change were restored, or restore themselves',
  interrupted:
    'interrupted: by a signal, by Ctrl-C or Ctrl-D instead of an answer, or by `kplay abort` before every cluster was started or a ' +
    'soak had ended; the state of every host was reported',
};

/** `kplay plan --detailed-exitcode`, as Terraform's. A bug and an interruption keep their codes. */
export const DETAILED_EXIT = { nothing: 0, something: 2, other: 1 } as const;

/** The exit code for the worst result. */
export function exitCodeOf(result: RunResult, wasInterrupted: boolean): number {
  if (result.mistake !== undefined) return EXIT.bug;
  if (wasInterrupted) return EXIT.interrupted;
  if (result.failed.length > 0) return EXIT.failed;
  if (result.refused.length > 0 || result.late.length > 0 || !result.wasConfirmed) return EXIT.refused;
  return result.unreachable.length > 0 ? EXIT.unreachable : EXIT.good;
}

/** The exit code of `kplay plan --detailed-exitcode`. */
export function detailedExitCode(result: RunResult, wasInterrupted: boolean): number {
  const code: number = exitCodeOf(result, wasInterrupted);
  if (code === EXIT.bug || code === EXIT.interrupted) return code;
  if (code !== EXIT.good) return DETAILED_EXIT.other;
  return hasChanges(result) ? DETAILED_EXIT.something : DETAILED_EXIT.nothing;
}

/** Whether something is, or may be, to be done on hosts that take part: refused ones do not. */
export function hasChanges({ plans }: Pick<RunResult, 'plans'>): boolean {
  return plans.some(({ hosts }) =>
    hosts.some(({ tasks }) => tasks.some(mayAlter) && certainRefusal(tasks) === undefined),
  );
}
