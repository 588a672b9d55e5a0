import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import type { Problems } from '../core/diagnostic.ts';
import { describeSystemError } from '../core/system-error.ts';

/** The names in a directory, sorted; empty if it was listed before, because a symbolic link leads back to it. */
export function listDirectory(directory: string, seen: Set<string>, problems: Problems): readonly string[] {
  try {
    const real = realpathSync(directory);
    if (seen.has(real)) return [];
    seen.add(real);
    return readdirSync(directory).sort();
  } catch (error) {
    problems.error(
      `cannot read the directory ${directory}: ${describeSystemError(error)}`,
      undefined,
      'check its mode and, if it is a link, where it leads',
    );
    return [];
  }
}

/** The status of a path, following symbolic links. */
export function look(path: string): Stats | { readonly error: string } {
  try {
    return statSync(path);
  } catch (error) {
    return { error: describeSystemError(error) };
  }
}
