import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from './system-error.ts';

/**
 * Makes a directory and its missing parents; an existing one is left unchanged. Node's own `recursive` hangs where a file
 * system does not support creating directories, as below /proc (seen with Node.js 20).
 * @throws {Error} of the file system
 */
export function makeDirectories(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeDirectories(dirname(path), mode);
    makeAlone(path, mode);
  }
}

/** Another run may have created it in the meantime. */
function makeAlone(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
}
