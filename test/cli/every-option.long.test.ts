import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { issueAuthority } from '../../src/pki/authority.ts';
import { generateKey, readPrivateKey } from '../../src/pki/private-key.ts';
import { SshServer } from '../../src/simulation/ssh-server.ts';
import { makeKey } from '../transport/support/keys.ts';
import { Controller, type Ended } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NOW = new Date('2026-11-24T12:00:00Z');
const ZONE = process.env['TZ'];

/** Every command that takes options, with what it cannot do without. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  run: ['run', 'play.yml'],
  plan: ['plan', 'play.yml'],
  apply: ['apply', 'saved.kplan'],
  check: ['check'],
  rollback: ['rollback'],
  validate: ['validate', 'play.yml'],
  'certs csr': ['certs', 'csr', '--out', 'requests'],
  'certs install': ['certs', 'install', 'signed'],
  history: ['history'],
  show: ['show', 'RUN'],
  logs: ['logs', 'RUN'],
  resume: ['resume', 'RUN'],
  unlock: ['unlock', '--limit', 'all', '--reason', 'it hangs'],
  windows: ['windows'],
  inventory: ['inventory', '--host', 'known'],
  steps: ['steps'],
  version: ['version'],
  demo: ['demo'],
};

/** They contact nobody, and take no inventory. */
const WITHOUT_INVENTORY = ['history', 'show', 'logs', 'resume', 'steps', 'version', 'demo'];
const WITHOUT_CONTACT = [...WITHOUT_INVENTORY, 'validate', 'apply', 'windows', 'inventory'];

interface Probe {
  readonly words: readonly string[];
  /** The inventory on which it shows; `all` unless said otherwise. */
  readonly on?: 'here' | 'becoming';
  /** Given with and without it, to commands that contact hosts: what makes a difference seen. */
  readonly beside?: readonly string[];
  /** Commands for which another test shows that it has a meaning, or which have the same meaning without it. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

const ABOUT_INPUT = 'bad-input.test.ts: what is wrong with an inventory is coloured';
const HANDED_ON = 'it hands its options to kplay check and kplay run';

/** How each option is seen to do something: with it a command says something else than without, or ends otherwise. */
const PROBES: Readonly<Record<string, Probe>> = {
  '--inventory': { words: ['-i', 'nowhere.yml'] },
  '--limit': { words: ['-l', 'nobody'] },
  '--user': { words: ['-u', 'somebody'] },
  '--private-key': { words: ['--private-key', '/nowhere/id'] },
  '--become': {
    words: ['-b'],
    on: 'becoming',
    elsewhere: {
      rollback: 'its play becomes root',
      'certs csr': 'its play becomes root',
      'certs install': 'its play becomes root',
      unlock: 'its play becomes root',
    },
  },
  '--ask-become-pass': { words: ['-K'] },
  '--become-password-file': { words: ['--become-password-file', '/nowhere/password'] },
  '--host-key-checking': { words: ['--host-key-checking', 'no'] },
  '--ssh-common-args': { words: ['--ssh-common-args', '-o Nonsense=1'] },
  '--ssh-extra-args': { words: ['--ssh-extra-args', '-o Nonsense=1'] },
  '--extra-vars': {
    words: ['-e', 'kplay_cluster=1'],
    elsewhere: { resume: 'resume.test.ts: needs secrets once more' },
  },
  '--changed-files': { words: ['--changed-files'], elsewhere: { resume: 'resume.test.ts: when files have changed' } },
  '--force-handlers': { words: ['--force-handlers'], elsewhere: { run: 'force-handlers.test.ts' } },
  '--tags': { words: ['-t', 'nothing'] },
  '--skip-tags': { words: ['--skip-tags', 'it'] },
  '--output': {
    words: ['-o', 'json'],
    elsewhere: { demo: HANDED_ON, resume: HANDED_ON, windows: 'windows.long.test.ts: -o json' },
  },
  '--verbose': { words: ['-vv'], elsewhere: { demo: HANDED_ON, resume: HANDED_ON } },
  '--no-color': {
    words: ['--no-color'],
    beside: ['-l', 'nobody'],
    elsewhere: { demo: HANDED_ON, resume: HANDED_ON, windows: ABOUT_INPUT, inventory: ABOUT_INPUT },
  },
  '--local-time': { words: ['--local-time'], beside: ['-vv'], elsewhere: { demo: HANDED_ON, resume: HANDED_ON } },
  '--check': {
    words: ['-C'],
    on: 'here',
    elsewhere: {
      rollback: 'rollback.test.ts: are shown the plan',
      'certs install': 'external-ca.long.test.ts: shows what it would install, and writes nothing',
    },
  },
  '--diff': { words: ['-D'], on: 'here', elsewhere: { rollback: 'rollback.test.ts: manifests' } },
  '--confirm': { words: ['--confirm'] },
  '--syntax-check': { words: ['--syntax-check'] },
  '--out': { words: ['--out', 'other'], on: 'here' },
  '--sign': { words: ['--sign', '/nowhere/key'] },
  '--verify': { words: ['--verify', '/nowhere/signers'] },
  '--detailed-exitcode': { words: ['--detailed-exitcode'], on: 'here' },
  '--renew-before': { words: ['--renew-before', 'soon'] },
  '--backup': { words: ['--backup', 'other'] },
  '--backup-to': { words: ['--backup-to', 'nowhere'] },
  '--even-expired': {
    words: ['--even-expired'],
    elsewhere: { rollback: 'renewal.long.test.ts: kplay rollback --even-expired' },
  },
  '--list': { words: ['--list'] },
  '--keys': { words: ['--keys', 'kplay'], elsewhere: { 'certs csr': 'external-ca.long.test.ts: --keys kplay' } },
  '--etcd-client': { words: ['--etcd-client'], elsewhere: { 'certs csr': 'external-ca.long.test.ts: --etcd-client' } },
  '--list-hosts': { words: ['--list-hosts'] },
  '--list-tasks': { words: ['--list-tasks'] },
  '--list-tags': { words: ['--list-tags'] },
  '--ask-pass': { words: ['-k'] },
  '--report': { words: ['--report', 'junit=/nowhere/report.xml'] },
  '--metrics': { words: ['--metrics', '/nowhere/metrics'] },
  '--reason': { words: ['--reason', 'another'], elsewhere: { unlock: 'unlock.long.test.ts: the journal keeps it' } },
  '--next': { words: ['--next', '1'], elsewhere: { windows: 'windows.long.test.ts: --next' } },
  '--window': { words: ['--window', 'override'] },
  '--graph': { words: ['--graph'] },
  '--host': { words: ['--host', 'here'] },
  '--state': { words: ['--state', 'play.yml'] },
  '--warn': { words: ['--warn', '1d'] },
  '--critical': { words: ['--critical', '1d'] },
  '--exit-code': { words: ['--exit-code'], elsewhere: { check: 'check.test.ts: --exit-code' } },
  '--nagios': { words: ['--nagios'] },
  '--no-headers': { words: ['--no-headers'] },
  '--prune': { words: ['--prune'] },
  '--keep': { words: ['--keep', '1'] },
  '--keep-for': { words: ['--keep-for', '1d'] },
  '--masters': { words: ['--masters', '0'] },
};

/** Tried by themselves, against a server that never answers. */
const BY_THEMSELVES = ['--forks', '--timeout', '--help'];

let controller: Controller;
let known: SshServer;
let strange: SshServer;
let silent: SilentServer;
/** The id of a run that has changed nothing, of which history, show and logs can tell. */
let idle: string;
beforeAll(async () => {
  // Far from UTC, and by half an hour.
  process.env['TZ'] = 'Asia/Kolkata';
  controller = new Controller();
  known = await SshServer.start({ users: { ops: {} } });
  strange = await SshServer.start({ users: { ops: {} } });
  silent = await SilentServer.start();
  makeKey(controller.home, 'id');
  controller.file('home/.ssh/known_hosts', `[127.0.0.1]:${known.port} ${known.hostKey}\n`);
  const { root } = localHost(controller);
  const here = `here: { ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)}`;
  const at = (port: number) => `{ ansible_host: 127.0.0.1, ansible_port: ${port}`;
  const login = `ansible_ssh_private_key_file: ${JSON.stringify(join(controller.home, 'id'))} }`;
  const inventories = {
    all: [
      `${here} }`,
      `known: ${at(known.port)}, ${login}`,
      `keyless: ${at(known.port)} }`,
      `strange: ${at(strange.port)}, ${login}`,
    ],
    here: [`${here} }`],
    becoming: [`${here}, ansible_become_method: su }`],
    silent: [`${here} }`, `one: ${at(silent.port)}, ${login}`, `two: ${at(silent.port)}, ${login}`],
  };
  for (const [name, hosts] of Object.entries(inventories))
    controller.file(`${name}.yml`, `all:\n  hosts:\n${hosts.map((host) => `    ${host}\n`).join('')}`);
  controller.file(
    'play.yml',
    '- hosts: all\n  tasks:\n    - copy: { dest: /greeting, content: hello }\n      tags: [it]\n',
  );
  controller.file('signed/here/apiserver.crt', await certificate());
  const { exitCode } = await kplay(['plan', 'play.yml', '--out', 'saved.kplan'], 'here');
  expect(exitCode).toBe(0);
  for (const _ of ['changes', 'is idle']) await kplay(['run', 'play.yml'], 'here');
  idle = lastRun;
  controller.remove('root/greeting');
});
afterAll(async () => {
  if (ZONE === undefined) delete process.env['TZ'];
  else process.env['TZ'] = ZONE;
  await Promise.all([silent.close(), known.close(), strange.close()]);
  controller.close();
});

/** Files that a command names are those of the controller. What differs from run to run is left out of what it says. */
let lastRun = '';

async function kplay(words: readonly string[], inventory: string): Promise<Ended> {
  const path = (word: string) =>
    /^(play\.yml|saved\.kplan|requests|signed|other|\w+\.yml)$/.test(word) ? join(controller.directory, word) : word;
  const isGiven = words.includes('-i') || WITHOUT_INVENTORY.includes(words[0] ?? '');
  const argv = [
    ...words.map((word) => (word === 'RUN' ? idle : path(word))),
    ...(isGiven ? [] : ['-i', join(controller.directory, `${inventory}.yml`)]),
  ];
  const { exitCode, stdout, stderr } = await controller.run(argv, {
    clock: () => NOW,
    variables: { FORCE_COLOR: '1' },
  });
  [lastRun = ''] = /\d{8}T\d{6}Z-[0-9a-f]{4}/.exec(stdout) ?? [];
  const plain = (text: string) =>
    text.replace(/\d{8}T\d{6}Z-[0-9a-f]{4}/g, 'RUN').replaceAll(controller.directory, 'DIR');
  return { exitCode, stdout: plain(stdout), stderr: plain(stderr) };
}

async function certificate(): Promise<string> {
  const { privatePem } = await generateKey('ECDSA-P256');
  const period = { notBefore: NOW.getTime() - 86_400_000, notAfter: NOW.getTime() + 86_400_000 };
  const subject = { commonName: 'kube-apiserver' };
  return issueAuthority({ subject, privateKey: readPrivateKey(privatePem), ...period, serial: randomBytes(8) });
}

/** The long names of the options that a command's help lists. */
async function optionsOf(command: string): Promise<readonly string[]> {
  const { stdout } = await controller.run([...command.split(' '), '--help']);
  return [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name = '']) => name);
}

it('every command that takes options is known here', async () => {
  const { stdout } = await controller.run(['--help']);
  const [, list = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(stdout) ?? [];
  const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
  const withoutOptions = ['doc', 'completion', 'help', 'certs'];
  for (const name of ['doc', 'completion']) expect(await optionsOf(name)).toEqual(['--help']);
  const known = Object.keys(COMMANDS).filter((name) => !name.includes(' '));
  expect(names.filter((name) => !withoutOptions.includes(name)).sort()).toEqual(known.sort());
});

describe.each(Object.entries(COMMANDS))('kplay %s', (command, words) => {
  it('accepts no option without a meaning', { timeout: 240_000 }, async () => {
    const without = new Map<string, Ended>();
    const ignored: string[] = [];
    for (const name of await optionsOf(command)) {
      if (BY_THEMSELVES.includes(name)) continue;
      const probe = PROBES[name];
      if (!probe) throw new Error(`nobody has said what ${name} means`);
      if (probe.elsewhere?.[command] !== undefined) continue;
      const { on = 'all' } = probe;
      const beside = WITHOUT_INVENTORY.includes(command) ? [] : (probe.beside ?? []);
      const key = [on, ...beside].join(' ');
      const said = without.get(key) ?? (await kplay([...words, ...beside], on));
      without.set(key, said);
      controller.remove('root/greeting');
      const others = words.filter((_, index) => !(words[index] === name || words[index - 1] === name));
      const saidWith = await kplay([...others, ...beside, ...probe.words], on);
      controller.remove('root/greeting');
      if (JSON.stringify(saidWith) === JSON.stringify(said)) ignored.push(name);
    }
    expect(ignored).toEqual([]);
  });

  it.skipIf(WITHOUT_CONTACT.includes(command))(
    'waits as long as it is told, and for no more hosts at once',
    { timeout: 120_000 },
    async () => {
      silent.arrivals.length = 0;
      const { stdout, stderr } = await kplay([...words, '--timeout', '1', '-f', '1'], 'silent');
      expect(stdout + stderr).toContain('within 1 s');
      const [first = 0, second = 0] = silent.arrivals;
      // The second host's turn comes when the first one's time is over.
      expect(second - first).toBeGreaterThan(900);
    },
  );
});

it('nothing is said to be missing on a host that could not be looked at', async () => {
  const list = await kplay(['rollback', '--list'], 'all');
  expect(list.stdout).toBe('No backups in /var/backups/kplay on: here\nNot looked at: known, keyless, strange\n');
  expect(list.exitCode).toBe(4);
  const requests = await kplay(['certs', 'csr', '--out', 'requests', '-l', 'known'], 'all');
  expect(requests.stdout).toMatch(/\n\nNo request was made\.\n$/);
  expect(requests.exitCode).toBe(4);
  expect((await kplay(['rollback', '--list', '-o', 'tree'], 'here')).exitCode).toBe(1);
});

/** Takes connections, and says nothing. */
class SilentServer {
  readonly port: number;
  /** When each connection came: milliseconds of a clock that only goes forward. */
  readonly arrivals: number[];
  readonly #server: Server;
  readonly #open: Set<Socket>;

  private constructor(server: Server, port: number, arrivals: number[], open: Set<Socket>) {
    this.port = port;
    this.arrivals = arrivals;
    this.#server = server;
    this.#open = open;
  }

  static async start(): Promise<SilentServer> {
    const open = new Set<Socket>();
    const arrivals: number[] = [];
    const server = createServer((socket) => {
      arrivals.push(performance.now());
      open.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new SilentServer(server, address.port, arrivals, open);
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
