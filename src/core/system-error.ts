/** What was thrown, as an error: it may be anything. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The code of an error of the operating system, such as `ENOENT`; undefined for other errors. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Why a file system operation failed, in plain words. */
export function describeSystemError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return MEANINGS.get(code) ?? code;
}

/** The same for any error; others supply their own message. */
export function describeFailure(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? describeSystemError(error) : error.message;
  return String(error);
}

/** Whether the path does not exist, so its mode cannot be wrong. */
export function isMissing(error: unknown): boolean {
  return systemErrorCode(error) === 'ENOENT';
}

/** Whether the path is a directory where a file is read, so its mode cannot be wrong. */
export function isDirectory(error: unknown): boolean {
  return systemErrorCode(error) === 'EISDIR';
}

/** Whether the current directory has been removed: no relative path can be resolved. */
export function isWithoutDirectory(error: unknown): boolean {
  return isMissing(error) && (error as NodeJS.ErrnoException).syscall === 'uv_cwd';
}

/** Whether the disk is full: neither another mode nor another user would help. */
export function isFull(error: unknown): boolean {
  return isOneOf(error, 'ENOSPC', 'EDQUOT');
}

/** Whether another user may do what this one may not. */
export function isForbidden(error: unknown): boolean {
  return isOneOf(error, 'EACCES', 'EPERM');
}

/** Whether this process, or this machine, may open no more files. */
export function isOutOfFiles(error: unknown): boolean {
  return isOneOf(error, 'EMFILE', 'ENFILE');
}

function isOneOf(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(systemErrorCode(error) ?? '');
}

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EISDIR', 'it is a directory'],
  ['ENOTDIR', 'a part of the path is not a directory'],
  ['ELOOP', 'too many levels of symbolic links'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENOSPC', 'no space is left on the disk'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EROFS', 'the file system is read-only'],
  ['EIO', 'input/output error'],
  ['EFBIG', 'the file would be too large'],
  ['EPIPE', 'broken pipe'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open on this machine'],
  ['ENOMEM', 'there is not enough memory'],
]);
