import type { ProblemCode } from '../../core/problems/code.ts';

/** Where more is said of a refusal or a failure: by the program, and in its documentation. */
export function explained(code: ProblemCode): string {
  return `kplay explain ${code}, or docs/troubleshooting.md#${code}`;
}
