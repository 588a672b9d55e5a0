import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Programs that some tests need besides Node.js and a POSIX sh with its tools, and the packages of Debian that hold them, or what
 * else installs them.
 */
const PACKAGES = {
  actionlint: 'go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  'ansible-inventory': 'ansible-core',
  bash: 'bash',
  busybox: 'busybox',
  'check-jsonschema': 'pipx install check-jsonschema==0.39.0',
  chromium: 'chromium',
  dash: 'dash',
  'dpkg-deb': 'dpkg',
  fish: 'fish',
  'kubernetes-validate': 'pipx install kubernetes-validate==1.37.0',
  lintian: 'lintian',
  mandoc: 'mandoc',
  ncat: 'ncat',
  openssl: 'openssl',
  promtool: 'prometheus',
  ps: 'procps',
  python3: 'python3',
  'python3-lief': 'python3 -m venv DIR && DIR/bin/pip install lief==1.0.0, as a program of this name',
  'python3-zones':
    'python3 -m venv DIR && DIR/bin/pip install python-dateutil==2.9.0.post0 tzdata==2025.3, as a program of this name',
  'qemu-aarch64': 'apt-get install qemu-user libc6-arm64-cross libstdc++6-arm64-cross',
  rpmbuild: 'rpm',
  setfacl: 'acl',
  setpriv: 'util-linux',
  socat: 'socat',
  ssh: 'openssh-client',
  'ssh-agent': 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  'systemd-analyze': 'systemd',
  'temporal-server':
    'GOBIN=DIR go install go.temporal.io/server/cmd/server@v1.32.0, as a program of this name: some minutes',
  xmllint: 'libxml2-utils',
  zsh: 'zsh',
} as const;

export type ProgramName = keyof typeof PACKAGES;

/** The command that installs a program. */
export function installing(name: ProgramName): string {
  const way = PACKAGES[name];
  return way.includes(' ') ? way : `apt-get install ${way}`;
}

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
