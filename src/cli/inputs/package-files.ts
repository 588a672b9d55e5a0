import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import * as sea from 'node:sea';
import { fileURLToPath } from 'node:url';

/** The first word of a command line of the single executable, of which a program of a simulated host is the rest. */
export const SIMULATED_PROGRAM = '__simulated-program';

/**
 * The path of a file that is shipped with kplay: `playbooks/renew-certs.yml`. The same for a checkout and an installed package.
 * In the single executable it is a path below that file, which nothing but `embeddedText` can read.
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

/** The text of a file that is inside the single executable; undefined for every other path. */
export function embeddedText(path: string): string | undefined {
  const inside = process.execPath + sep;
  if (!sea.isSea() || !path.startsWith(inside)) return undefined;
  try {
    return sea.getAsset(path.slice(inside.length), 'utf8');
  } catch {
    // There is no such file in it.
    return undefined;
  }
}

/** The names of the playbooks that ship with kplay. */
export function shippedPlaybooks(): readonly string[] {
  return typeof KPLAY_PLAYBOOKS === 'undefined' ? readdirSync(packageFile('playbooks')) : KPLAY_PLAYBOOKS;
}

/** In the single executable only: it cannot list what is inside it. */
declare const KPLAY_PLAYBOOKS: readonly string[] | undefined;

/** How a program of the simulated hosts is started: Node.js, and its first argument. */
export function simulationTools(): string {
  return sea.isSea() ? SIMULATED_PROGRAM : packageFile('dist/simulation-tools.js');
}
