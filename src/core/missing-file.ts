import { readdirSync, statSync } from 'node:fs';
import { dirname, parse } from 'node:path';
import { isEntry } from './entry.ts';
import { nearest } from './suggest.ts';
import { isDirectory, isMissing, systemErrorCode } from './system-error.ts';

/** Shorter names have too many neighbours: `m1`, `m2`. */
const LEAST = 3;

/** What to do where a file is missing that the user has named: the one beside it that was probably meant, or what `otherwise` says. */
export function missingFileHint(path: string, otherwise = 'check the path'): string {
  if (leadsNowhere(path)) return 'it is a link that leads nowhere';
  const meant = fileMeantBy(path);
  return meant === undefined ? otherwise : `did you mean ${meant}?`;
}

/** What to do where a file that the user has named cannot be read. @param ifMissing for one that is not there */
export function unreadableFileHint(error: unknown, path: string, ifMissing?: string): string {
  if (isMissing(error)) return missingFileHint(path, ifMissing);
  return isDirectory(error) ? 'name a file, perhaps one in it' : 'check the path and its mode';
}

function leadsNowhere(path: string): boolean {
  try {
    return isEntry(path) && statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return systemErrorCode(error) === 'ELOOP';
  }
}

/** The file beside it, with its directory as the user wrote it; undefined if none is called alike: `site.yml` for `sit.yaml`. */
function fileMeantBy(path: string): string | undefined {
  const { base, name, ext } = parse(path);
  // It is itself among them where it is a link that cannot be followed.
  const files = filesIn(dirname(path)).flatMap((file) => (file === base ? [] : parse(file)));
  const alike = files.filter(
    (file) => (ext === '' && file.name === name) || nearest(ext.slice(1), [file.ext.slice(1)]) !== undefined,
  );
  const stem = nearest(
    name,
    alike.map((file) => file.name).filter((other) => other === name || name.length >= LEAST),
  );
  const meant = alike.find((file) => file.name === stem);
  return meant && `${path.slice(0, path.length - base.length)}${meant.base}`;
}

function filesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}
