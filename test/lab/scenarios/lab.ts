import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { $ } from 'zx';

const LAB = 'test/lab/lab';
const STATE = process.env['KPLAY_LAB'] ?? '/var/tmp/kplay-lab';

/** What a command came to. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** The lab's clusters, driven from a scenario. */
export const lab = {
  async up(cluster: string, options: readonly string[] = []): Promise<void> {
    await this.down(cluster);
    await run(['up', cluster, ...options]);
  },
  isBuilt: (version: string): boolean => existsSync(`${STATE}/kube/${version}/images.tar`),
  prepare: (version: string) => run(['prepare', version]),
  has: (cluster: string, snapshot: string): boolean => existsSync(`${STATE}/clusters/${cluster}/snapshots/${snapshot}`),
  async down(cluster: string): Promise<void> {
    if (existsSync(`${STATE}/clusters/${cluster}`)) await run(['down', cluster]);
  },
  expire: (target: string, ...options: string[]) => run(['expire', target, ...options]),
  save: (cluster: string, snapshot: string) => run(['save', cluster, snapshot]),
  restore: (cluster: string, snapshot: string) => run(['restore', cluster, snapshot]),
  power: (host: string, state: 'on' | 'off') => run(['power', host, state]),
  plug: (host: string, state: 'in' | 'out') => run(['plug', host, state]),
  /** The CAs of a cluster, keys too, as they are kept outside its hosts. */
  authorities: (cluster: string): string => `${STATE}/clusters/${cluster}/ca`,
  knownHosts: (cluster: string): string => `${STATE}/clusters/${cluster}/known_hosts`,
  inventory: (cluster: string): string => `${STATE}/clusters/${cluster}/inventory.yml`,

  /** Runs a script of sh inside a host, without ssh. */
  async inside(host: string, script: string): Promise<string> {
    return (await $({ quiet: true })`${LAB} in ${host} sh -c ${script}`).stdout;
  },

  /** `kubectl` as root of a master. */
  async kubectl(host: string, ...words: string[]): Promise<string> {
    return (await $({ quiet: true })`${LAB} in ${host} kubectl ${words}`).stdout;
  },

  /** kplay, run where the hosts can be reached. */
  async kplay(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const result = await startKplay(words, environment);
    return { code: result.exitCode ?? -1, output: `${result.stdout}${result.stderr}` };
  },

  /** The same, left running: to be interrupted, or looked at meanwhile. */
  start: startKplay,

  /** Any program, where kplay runs, left running. */
  startBeside: (words: readonly string[]) => $({ quiet: true, nothrow: true })`${LAB} controller ${words}`,
};

function startKplay(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return $({
    quiet: true,
    nothrow: true,
    env: { ...process.env, NO_COLOR: '1', ...environment },
  })`${LAB} controller node dist/kplay.js ${words}`;
}

async function run(words: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await $({ quiet: true, nothrow: true })`${LAB} ${words}`;
  if (exitCode === 0) return;
  // What it says last is why it stopped.
  throw new Error(stderr.slice(Math.max(0, stderr.lastIndexOf('lab: '))).trim() || `lab ${words.join(' ')} failed`);
}

/** Every file of a host's disk that is not written by the host itself all the time, with its state and digest. */
export function diskOf(cluster: string, host: string): string {
  const root = `${STATE}/clusters/${cluster}/nodes/${host}`;
  const hash = createHash('sha256');
  for (const part of [
    'upper/etc',
    'upper/root',
    'upper/home',
    'upper/usr',
    'upper/opt',
    'upper/var/backups',
    'upper/var/tmp',
    'kubelet/pki',
    'kubelet/config.yaml',
  ]) {
    for (const line of walk(join(root, part))) hash.update(`${line}\n`);
  }
  return hash.digest('hex');
}

function walk(path: string): readonly string[] {
  const state = statSync(path, { throwIfNoEntry: false });
  if (!state) return [];
  if (state.isDirectory())
    return [
      `${path} ${state.mode}`,
      ...readdirSync(path)
        .sort()
        .flatMap((name) => walkEntry(join(path, name))),
    ];
  return [fileLine(path)];
}

function walkEntry(path: string): readonly string[] {
  try {
    return [`${path} -> ${readlinkSync(path)}`];
  } catch {
    return walk(path);
  }
}

function fileLine(path: string): string {
  const { mode, uid, gid, mtimeMs, size } = statSync(path);
  return `${path} ${mode} ${uid} ${gid} ${mtimeMs} ${size} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}

/** A host's root directory, seen from this machine. */
export function rootOf(host: string): string {
  return join(clusterOf(host), 'nodes', host, 'root');
}

/** Where other hosts reach it. */
export function addressOf(host: string): string {
  return readFileSync(join(rootOf(host), '../address'), 'utf8').trim();
}

function clusterOf(host: string): string {
  return `${STATE}/clusters/${host.slice(0, host.lastIndexOf('-'))}`;
}

/** The process that is 1 inside a host, by its pid on this machine. */
export async function leaderOf(host: string): Promise<number> {
  const pid = readFileSync(join(rootOf(host), '../pid'), 'utf8').trim();
  const { stdout } = await $({ quiet: true })`pgrep -P ${pid}`;
  return Number(stdout.trim().split('\n')[0]);
}

/** kubeadm's certificatesDir on a host. */
export function pkiOf(host: string): string {
  const file = join(clusterOf(host), 'settings/pki');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '/etc/kubernetes/pki';
}

/** Digests of what no run may ever change, as far as it is on the host. */
export function sacredFiles(host: string): Promise<string> {
  return lab.inside(
    host,
    `cd ${pkiOf(host)} && f=$(ls -d ca.* etcd/ca.* front-proxy-ca.* sa.*) && sha256sum $f && stat -c "%n %Y %a %u" $f`,
  );
}

/** Waits for something on the lab, with an end. */
export async function eventually(what: string, seconds: number, look: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await look().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${what}: it did not come within ${seconds} s`);
}

/** The names of the nodes that the API calls Ready. */
export async function readyNodes(master: string): Promise<readonly string[]> {
  const text = await lab.kubectl(master, 'get', 'nodes', '--no-headers');
  return text.split('\n').flatMap((line) => {
    const [name, status] = line.trim().split(/\s+/);
    return name && status === 'Ready' ? [name] : [];
  });
}

export async function isDead(master: string): Promise<boolean> {
  const { exitCode } = await $({
    quiet: true,
    nothrow: true,
  })`${LAB} in ${master} kubectl --request-timeout=3s get nodes`;
  return exitCode !== 0;
}
