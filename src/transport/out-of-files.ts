import { UnreachableError } from '../core/session.ts';
import { describeSystemError } from '../core/system-error.ts';

/** A host that is not reached because this machine cannot open another connection. */
export function outOfFiles(host: string, error: unknown): UnreachableError {
  return new UnreachableError(
    host,
    'open-files',
    `this machine cannot open another connection: ${describeSystemError(error)}`,
    'raise its limit of open files (ulimit -Hn), or run on some of the hosts at a time: --limit',
  );
}
