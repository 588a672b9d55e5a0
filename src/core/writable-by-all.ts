import { statSync } from 'node:fs';

/** Whether everybody may write to this file, or put files into this directory: then it is not taken for the user's own. */
export function isWritableByAll(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && (status.mode & 0o002) !== 0;
}
