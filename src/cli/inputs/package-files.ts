import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import * as sea from 'node:sea';
import { fileURLToPath } from 'node:url';

/**
 * The path of a file that is shipped with kplay: `playbooks/renew-certs.yml`. Works in a checkout and in an installed package. In the
 * single executable only `embeddedText` can read it.
 */
export function packageFile(name: string): string {
  return join(packageDirectory(), name);
}

function packageDirectory(): string {
  if (sea.isSea()) return process.execPath;
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'playbooks')) && dirname(directory) !== directory) directory = dirname(directory);
  return directory;
}

/** The text of a file embedded in the single executable; undefined for every other path. */
export function embeddedText(path: string): string | undefined {
  const inside = process.execPath + sep;
  if (!sea.isSea() || !path.startsWith(inside)) return undefined;
  try {
    return sea.getAsset(path.slice(inside.length), 'utf8');
  } catch {
    // No such file is embedded.
    return undefined;
  }
}

/** The names of the playbooks that ship with kplay. */
export function shippedPlaybooks(): readonly string[] {
  return typeof KPLAY_PLAYBOOKS === 'undefined' ? readdirSync(packageFile('playbooks')) : KPLAY_PLAYBOOKS;
}

/** Only for the single executable, which cannot list its embedded files. */
declare const KPLAY_PLAYBOOKS: readonly string[] | undefined;
