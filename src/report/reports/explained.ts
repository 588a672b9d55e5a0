import type { ProblemCode } from '../../core/problems/code.ts';
import { isExplained } from '../text/evidence.ts';

/**
 * Where to read more about a refusal or a failure: by command, and in the documentation. As on the screen, undefined for messages of the
 * playbook itself.
 */
export function explained(code: ProblemCode | undefined): string | undefined {
  return code === undefined || !isExplained(code)
    ? undefined
    : `kplay explain ${code}, or docs/troubleshooting.md#${code}`;
}
