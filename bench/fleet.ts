import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { parseVersion } from '../src/kubeadm/version.ts';
import { makeAuthorities } from '../src/simulation/authorities.ts';
import { Credentials } from '../src/simulation/credentials.ts';
import { HostFiles } from '../src/simulation/host-files.ts';
import type { ClusterProfile } from '../src/simulation/profile.ts';
import { makeSshKey } from '../src/simulation/ssh-key.ts';
import { writeTree } from '../src/simulation/tree.ts';
import type { TreeState } from '../src/simulation/tree-state.ts';

const PORT = 2222;
const CLUSTER_SIZE = 5;
const INVENTORIES = { one: 'inventory.yml', clusters: 'clusters.yml' } as const;

/** What the floor needs to know of a fleet. */
export interface FleetTargets {
  readonly keyFile: string;
  readonly port: number;
  readonly hosts: readonly BenchHost[];
}

export interface BenchHost {
  readonly name: string;
  readonly address: string;
  /** The directory that stands for its `/`. */
  readonly root: string;
  /** In base64, as in known_hosts. */
  readonly hostKey: string;
}

const EXPIRED: TreeState = { all: { condition: 'expired' }, superAdmin: false };
const YEARS_IN_DAYS = 7 * 365;

/**
 * OpenSSH servers on loopback addresses, each with a kubeadm tree whose leaves have expired, a host key, and a /run and a
 * /root of its own. Needs root.
 */
export class BenchFleet {
  /** Everything that it has written. */
  readonly directory: string;
  readonly hosts: readonly BenchHost[];
  readonly #daemons: readonly ChildProcess[];

  private constructor(directory: string, hosts: readonly BenchHost[], daemons: readonly ChildProcess[]) {
    this.directory = directory;
    this.hosts = hosts;
    this.#daemons = daemons;
  }

  static async start(size: number): Promise<BenchFleet> {
    const directory = mkdtempSync(join(tmpdir(), 'kplay-bench-'));
    const daemons: ChildProcess[] = [];
    // A server would go on for ever behind a bench that is interrupted.
    process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
    process.once('exit', () => {
      for (const daemon of daemons) daemon.kill();
      rmSync(directory, { recursive: true, force: true });
    });
    try {
      const client = await makeSshKey();
      const keyFile = join(directory, 'id_ed25519');
      writeFileSync(keyFile, client.privateKey, { mode: 0o600 });
      writeFileSync(join(directory, 'authorized_keys'), `${client.publicKey}\n`);
      await writeTrees(directory, size);
      const hosts: BenchHost[] = [];
      for (let index = 0; index < size; index += 1) {
        const host = await prepareHost(directory, index);
        hosts.push(host);
        const { daemon, listening } = startSshd(directory, host);
        daemons.push(daemon);
        await listening;
      }
      const targets: FleetTargets = { keyFile, port: PORT, hosts };
      writeFileSync(join(directory, 'targets.json'), JSON.stringify(targets));
      writeInventory(directory, targets);
      const fleet = new BenchFleet(directory, hosts, daemons);
      fleet.reset();
      return fleet;
    } catch (error) {
      await stop(directory, daemons);
      throw error;
    }
  }

  /** The hosts as those of no cluster, or in clusters of five. */
  inventory(kind: keyof typeof INVENTORIES): string {
    return join(this.directory, INVENTORIES[kind]);
  }

  /** Puts all hosts back to how they were in the beginning. It waits, so that nothing copies behind an interrupted bench. */
  reset(): void {
    const hosts = join(this.directory, 'hosts');
    rmSync(hosts, { recursive: true, force: true });
    execFileSync('cp', ['-a', join(this.directory, 'trees'), hosts]);
  }

  /** Over all hosts. */
  get backups(): number {
    return this.hosts.reduce((sum, { root }) => sum + readdirSync(join(root, 'var/backups')).length, 0);
  }

  stop(): Promise<void> {
    return stop(this.directory, this.#daemons);
  }
}

async function stop(directory: string, daemons: readonly ChildProcess[]): Promise<void> {
  const running = daemons.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ends = running.map((daemon) => new Promise((resolve) => daemon.once('close', resolve)));
  for (const daemon of running) daemon.kill();
  await Promise.all(ends);
  rmSync(directory, { recursive: true, force: true });
}

async function writeTrees(directory: string, size: number): Promise<void> {
  const version = parseVersion('v1.33.13');
  if (!version) throw new Error('no version');
  const cluster: ClusterProfile = {
    name: 'bench',
    version,
    endpoint: { address: addressOf(0), port: 6443 },
    keyAlgorithm: 'ECDSA-P256',
  };
  const terms = { keyAlgorithm: cluster.keyAlgorithm, now: new Date(), daysLeft: YEARS_IN_DAYS };
  const { of: authorities, serviceAccount } = await makeAuthorities(terms);
  for (let index = 0; index < size; index += 1) {
    const host = { name: nameOf(index), role: 'master', index, address: addressOf(index), cluster } as const;
    const files = new HostFiles(join(directory, 'trees', host.name));
    await writeTree(new Credentials(files, host, authorities, terms, EXPIRED), EXPIRED, serviceAccount);
    files.write('/etc/kubernetes/node-name', `${host.name}\n`);
    files.makeDirectory('/usr/local/sbin');
    copyFileSync('bench/kube-renew', files.at('/usr/local/sbin/kube-renew'));
  }
}

async function prepareHost(directory: string, index: number): Promise<BenchHost> {
  const name = nameOf(index);
  const key = await makeSshKey();
  const own = join(directory, 'sshd', name);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'host_key'), key.privateKey, { mode: 0o600 });
  return {
    name,
    address: addressOf(index),
    root: join(directory, 'hosts', name),
    hostKey: key.publicKey.split(' ')[1] ?? '',
  };
}

/** What a host must not share with this machine: the lock in /run, and what a login shell reads in /root. */
const PRIVATE_DIRECTORIES = 'mount -t tmpfs bench /run && mount -t tmpfs bench /root && mkdir /run/sshd && exec "$@"';

function startSshd(
  directory: string,
  { name, address }: BenchHost,
): { readonly daemon: ChildProcess; readonly listening: Promise<void> } {
  const own = join(directory, 'sshd', name);
  const settings = [
    `Port ${PORT}`,
    `ListenAddress ${address}`,
    `HostKey ${own}/host_key`,
    'PidFile none',
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'UseDNS no',
  ];
  writeFileSync(join(own, 'sshd_config'), `${settings.join('\n')}\n`);
  const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', join(own, 'sshd_config')];
  const daemon = spawn('unshare', ['--mount', 'sh', '-c', PRIVATE_DIRECTORIES, 'sh', ...sshd], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const listening = new Promise<void>((resolve, reject) => {
    daemon.on('error', reject);
    daemon.on('exit', () => reject(new Error(`the sshd of ${name} does not run: ${log}`)));
    daemon.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('Server listening on')) resolve();
    });
  });
  return { daemon, listening };
}

function writeInventory(directory: string, { keyFile, port, hosts }: FleetTargets): void {
  const knownHosts = join(directory, 'known_hosts');
  const keyOf = ({ address, hostKey }: BenchHost): string => `[${address}]:${port} ssh-ed25519 ${hostKey}\n`;
  writeFileSync(knownHosts, hosts.map(keyOf).join(''));
  const variables = ({ address, root }: BenchHost) => ({
    ansible_host: address,
    host_root: root,
    k8s_dir: join(root, 'etc/kubernetes'),
  });
  const vars = {
    ansible_user: 'root',
    ansible_port: port,
    ansible_ssh_private_key_file: keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts} -o GlobalKnownHostsFile=none`,
  };
  const groupOf = (members: readonly BenchHost[]) => ({
    hosts: Object.fromEntries(members.map((host) => [host.name, variables(host)])),
  });
  const clusters = Array.from({ length: Math.ceil(hosts.length / CLUSTER_SIZE) }, (_, index) => {
    const name = `cluster-${index + 1}`;
    const members = hosts.slice(index * CLUSTER_SIZE, (index + 1) * CLUSTER_SIZE);
    return [name, { vars: { kplay_cluster: { name } }, ...groupOf(members) }] as const;
  });
  const inventories = {
    [INVENTORIES.one]: { masters: { vars, ...groupOf(hosts) } },
    [INVENTORIES.clusters]: { masters: { vars, children: Object.fromEntries(clusters) } },
  };
  for (const [name, inventory] of Object.entries(inventories))
    writeFileSync(join(directory, name), stringify(inventory, { lineWidth: 0 }));
}

function nameOf(index: number): string {
  return `m${index + 1}`;
}

function addressOf(index: number): string {
  return `127.20.${Math.floor(index / 250)}.${(index % 250) + 1}`;
}
