import { UnreachableError } from '../core/session.ts';
import { describeSystemError, isOutOfFiles } from '../core/system-error.ts';

/** A host that is not reached because this machine cannot open another connection. */
export function outOfFiles(host: string, error: unknown): UnreachableError {
  return new UnreachableError(
    host,
    'open-files',
    `this machine cannot open another connection: ${describeSystemError(error)}`,
    'raise its limit of open files (ulimit -Hn), or run on some of the hosts at a time: --limit',
  );
}

/**
 * Why no shell was started for a host that is this machine itself.
 * @returns undefined for an error of something else, as of an sshd.
 */
export function localStartFailure(host: string, error: unknown): UnreachableError | undefined {
  if (isOutOfFiles(error)) return outOfFiles(host, error);
  const { code = '', syscall = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (!syscall.startsWith('spawn')) return undefined;
  if (code === 'EAGAIN' || code === 'ENOMEM')
    return new UnreachableError(
      host,
      'processes',
      `this machine cannot start another process: ${code === 'EAGAIN' ? 'the limit of processes is reached' : describeSystemError(error)}`,
      'raise its limit of processes (ulimit -u, TasksMax= of a unit, --pids-limit of a container), or run on some of the hosts at a time: --limit',
    );
  return new UnreachableError(
    host,
    'shell',
    `this machine cannot start sh: ${describeSystemError(error)}`,
    "try 'sh -c true' in the directory in which kplay runs",
  );
}
