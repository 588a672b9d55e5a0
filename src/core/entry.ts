import { lstatSync } from 'node:fs';

/**
 * Whether a directory has an entry of this name. A symbolic link that leads nowhere is one: whoever made it expects what is behind it to
 * be read, so that it is missing must be told.
 */
export function isEntry(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
