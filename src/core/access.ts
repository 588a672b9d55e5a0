import { accessSync } from 'node:fs';

/** Whether this process may use a file or directory so. @param mode `constants.R_OK`, `W_OK`, `X_OK` of node:fs, or several of them */
export function mayAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
