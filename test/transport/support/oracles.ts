import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const DIRECTORIES = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** The path of a program of this machine, or undefined. With KPLAY_REQUIRE_ORACLES=1 a missing one is an error. */
export function program(name: string): string | undefined {
  const found = DIRECTORIES.map((directory) => join(directory, name)).find(isExecutable);
  if (found === undefined && process.env['KPLAY_REQUIRE_ORACLES'] === '1') {
    throw new Error(`${name} is needed: KPLAY_REQUIRE_ORACLES is set`);
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
