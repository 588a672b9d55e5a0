import { statSync } from 'node:fs';

/** Whether anyone may write to this file, or create files in this directory: then it is not trusted as the user's own. */
export function isWritableByAll(path: string): boolean {
  try {
    return (statSync(path).mode & 0o002) !== 0;
  } catch {
    // What does not exist or cannot be inspected is not read either.
    return false;
  }
}
