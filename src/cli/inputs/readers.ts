import { statSync } from 'node:fs';
import type { Problems } from '../../core/diagnostic.ts';

/**
 * Warns of a file with a secret that others may read. A pipe, such as a shell makes for `<(pass show sudo)`, is read only by this process.
 * @param what the kind of secret: `password`. @throws {Error} of the file system
 */
export function warnOfReaders(file: string, what: string, problems: Problems): void {
  const status = statSync(file);
  if (!status.isFile() || (status.mode & 0o077) === 0) return;
  const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
  problems.warning(`other users may read the ${what} in ${file} (mode ${mode})`, undefined, `chmod 600 ${file}`);
}
