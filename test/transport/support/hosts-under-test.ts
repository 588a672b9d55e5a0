import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../../src/core/host.ts';
import { SshServer } from '../../../src/simulation/ssh-server.ts';
import { type ProgramName, program } from '../../support/programs.ts';
import { makeKey } from './keys.ts';
import { startSshd } from './real-sshd.ts';
import { host } from './sessions.ts';

/** A host that the conformance suite runs against. */
export interface HostUnderTest {
  readonly host: Host;
  stop(): Promise<void>;
}

export interface HostKind {
  readonly name: string;
  readonly needs: readonly ProgramName[];
  start(directory: string): Promise<HostUnderTest>;
}

/** Where all the files of one test file go. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-transport-'));
  chmodSync(directory, 0o755);
  return directory;
}

export const HOST_KINDS: readonly HostKind[] = [
  {
    name: 'local',
    needs: [],
    start: async () => ({ host: host('here', { ansible_connection: 'local' }), stop: async () => undefined }),
  },
  ...(['dash', 'bash', 'busybox'] as const).map(
    (shell): HostKind => ({
      name: `ssh server in this process, ${shell}`,
      needs: [shell],
      start: (directory) => startInProcess(directory, shell),
    }),
  ),
  {
    name: 'OpenSSH',
    needs: ['sshd'],
    start: startOpenSsh,
  },
];

async function startInProcess(directory: string, shell: string): Promise<HostUnderTest> {
  const key = makeKey(directory, `key-${shell}`);
  const server = await SshServer.start({
    users: { admin: { publicKeys: [key.publicKey] } },
    shell: [noisyLoginShell(directory)],
    environment: { PATH: `${binDirectory(directory, shell)}:${process.env['PATH']}`, LANG: 'de_DE.UTF-8' },
    banner: 'Authorised users only. kplay-0123 42\n',
  });
  const known = join(directory, `known-${shell}`);
  writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
  return {
    host: sshHost(shell, 'admin', server.port, key.path, known),
    stop: () => server.close(),
  };
}

async function startOpenSsh(directory: string): Promise<HostUnderTest> {
  const key = makeKey(directory, 'key-openssh');
  const sshd = await startSshd(directory, key);
  const known = join(directory, 'known-openssh');
  writeFileSync(known, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
  return { host: sshHost('openssh', sshd.user, sshd.port, key.path, known), stop: () => sshd.stop() };
}

/** A host at a port of this machine whose key stands in a file of its own. */
export function sshHost(name: string, user: string, port: number, keyFile: string, knownHosts: string): Host {
  return host(name, {
    ansible_host: '127.0.0.1',
    ansible_port: port,
    ansible_user: user,
    ansible_ssh_private_key_file: keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts} -o GlobalKnownHostsFile=none`,
  });
}

/** A directory in which `sh` is the shell of this name. */
function binDirectory(directory: string, shell: string): string {
  const bin = join(directory, `bin-${shell}`);
  mkdirSync(bin, { recursive: true });
  symlinkSync(program(shell) ?? shell, join(bin, 'sh'));
  return bin;
}

/** A login shell whose profile talks, on both streams, and that then does what it is told. */
function noisyLoginShell(directory: string): string {
  const file = join(directory, 'noisy-shell');
  writeFileSync(
    file,
    '#!/bin/bash\necho "Welcome! kplay-ffff 1"\necho "stty: not a terminal" >&2\nexec /bin/bash "$@"\n',
  );
  chmodSync(file, 0o755);
  return file;
}
