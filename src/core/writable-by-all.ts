import { statSync } from 'node:fs';

/** Whether everybody may write to this file, or put files into this directory: then it is not taken for the user's own. */
export function isWritableByAll(path: string): boolean {
  try {
    return (statSync(path).mode & 0o002) !== 0;
  } catch {
    // What is not there, or may not be looked at, is not read either.
    return false;
  }
}
