import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that some tests need besides Node.js and a POSIX sh with its tools, and the packages of Debian that hold them. */
export const PACKAGES = {
  'ansible-inventory': 'ansible-core',
  bash: 'bash',
  busybox: 'busybox',
  dash: 'dash',
  fish: 'fish',
  ncat: 'ncat',
  openssl: 'openssl',
  promtool: 'prometheus',
  ps: 'procps',
  setpriv: 'util-linux',
  socat: 'socat',
  'ssh-agent': 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  xmllint: 'libxml2-utils',
  zsh: 'zsh',
} as const;

export type ProgramName = keyof typeof PACKAGES;

declare module 'vitest' {
  interface TaskMeta {
    /** Programs that a test would need, and this machine does not have. */
    missing?: readonly ProgramName[];
  }
}

const DIRECTORIES = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** The path of a program of this machine; undefined when it is not installed. */
export function program(name: string): string | undefined {
  return DIRECTORIES.map((directory) => join(directory, name)).find(isExecutable);
}

/**
 * The options of a test, or of a suite, that needs programs: without one of them it is skipped, and the end of the run says so.
 * @throws {Error} when one is missing and KPLAY_REQUIRE_ORACLES=1.
 */
export function needing(...names: readonly ProgramName[]) {
  const missing = names.filter((name) => program(name) === undefined);
  if (missing.length > 0 && process.env['KPLAY_REQUIRE_ORACLES'] === '1') {
    throw new Error(`not installed: ${missing.join(', ')}, and KPLAY_REQUIRE_ORACLES=1 asks for them`);
  }
  return { skip: missing.length > 0, ...(missing.length > 0 && { meta: { missing } }) };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
