import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { program } from '../../support/programs.ts';
import { type KeyFile, makeKey } from './keys.ts';

const SSHD = program('sshd');

export interface RealSshd {
  readonly port: number;
  readonly user: string;
  /** As in known_hosts, without the names. */
  readonly hostKey: string;
  /** What sshd has logged so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts OpenSSH's sshd as an ordinary process that lets in the user who runs the tests, with this key. */
export async function startSshd(directory: string, client: KeyFile, lines: readonly string[] = []): Promise<RealSshd> {
  if (SSHD === undefined) throw new Error('there is no sshd');
  const port = await freePort();
  // A port that is free again may have been that of an earlier one.
  const here = mkdtempSync(join(directory, 'sshd-'));
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const hostKey = makeKey(here, 'host_key');
  const authorized = join(here, 'authorized_keys');
  writeFileSync(authorized, `${client.publicKey}\n`);
  const config = join(here, 'sshd_config');
  const settings = [
    ...lines,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey.path}`,
    'PidFile none',
    `AuthorizedKeysFile ${authorized}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UseDNS no',
    'MaxStartups 1000:30:2000',
  ];
  writeFileSync(config, `${settings.join('\n')}\n`);
  const daemon = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const listening = new Promise<void>((resolve, reject) => {
    daemon.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('Server listening on')) resolve();
    });
    daemon.on('exit', () => reject(new Error(`sshd ended: ${log}`)));
  });
  await listening;
  const [type, key] = hostKey.publicKey.split(' ');
  return {
    port,
    user: userInfo().username,
    hostKey: `${type} ${key}`,
    log: () => log,
    stop: async () => {
      const ended = new Promise((resolve) => daemon.once('close', resolve));
      daemon.kill();
      await ended;
    },
  };
}

/** A port of 127.0.0.1 at which nothing listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error())));
    });
  });
}
