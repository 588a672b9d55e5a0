import type { ProblemCode } from '../../core/problems/code.ts';

/** Where to read more about a refusal or a failure: by command, and in the documentation. */
export function explained(code: ProblemCode): string {
  return `kplay explain ${code}, or docs/troubleshooting.md#${code}`;
}
