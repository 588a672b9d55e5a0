import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { issueAuthority } from '../../src/pki/authority.ts';
import { generateKey, readPrivateKey } from '../../src/pki/private-key.ts';
import { SshServer } from '../../src/simulation/ssh-server.ts';
import { makeKey } from '../transport/support/keys.ts';
import { Controller, type Ended } from './support/controller.ts';
import { localHost } from './support/local-host.ts';
import {
  BY_THEMSELVES,
  COMMANDS,
  OF_WORKER_ITSELF,
  PROBES,
  WITHOUT_CONTACT,
  WITHOUT_INVENTORY,
} from './support/option-probes.ts';
import { SilentServer } from './support/silent-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NOW = new Date('2026-11-24T12:00:00Z');
const ZONE = process.env['TZ'];

let controller: Controller;
let known: SshServer;
let strange: SshServer;
let silent: SilentServer;
/** The id of a run that has changed nothing, of which history, show and logs can tell. */
let idle: string;
/** That of one that has failed. */
let failed: string;
beforeAll(async () => {
  // Far from UTC, and by half an hour.
  process.env['TZ'] = 'Asia/Kolkata';
  controller = new Controller();
  const users = { operator: { publicKeys: [makeKey(controller.home, 'id').publicKey] } };
  known = await SshServer.start({ users });
  strange = await SshServer.start({ users });
  silent = await SilentServer.start();
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
    unsaid: [`here: ${at(known.port)}, kplay_rootfs: ${JSON.stringify(root)} }`],
    silent: [`${here} }`, `one: ${at(silent.port)}, ${login}`, `two: ${at(silent.port)}, ${login}`],
  };
  for (const [name, hosts] of Object.entries(inventories))
    controller.file(`${name}.yml`, `all:\n  hosts:\n${hosts.map((host) => `    ${host}\n`).join('')}`);
  controller.file(
    'play.yml',
    '- hosts: all\n  tasks:\n    - copy: { dest: /greeting, content: hello }\n      tags: [it]\n',
  );
  controller.file('signed/here/apiserver.crt', await certificate());
  const reachable = ['--private-key', join(controller.home, 'id'), '--host-key-checking', 'no'];
  for (const inventory of ['here', 'all', 'becoming']) {
    const { exitCode, stdout } = await kplay(['plan', 'play.yml', '--out', 'saved.kplan', ...reachable], inventory);
    expect(exitCode, stdout).toBe(0);
  }
  // From now on nobody may log in: how that is tried is what differs.
  makeKey(controller.home, 'id');
  for (const _ of ['changes', 'is idle']) await kplay(['run', 'play.yml'], 'here');
  idle = lastRun;
  controller.file('fail.yml', '- hosts: all\n  tasks:\n    - { name: Fail, command: "false" }\n');
  await kplay(['run', 'fail.yml'], 'here');
  failed = lastRun;
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
  // A plan applies to the hosts of its inventory alone.
  const path = (word: string) =>
    word === 'saved.kplan'
      ? join(controller.directory, `${inventory}.kplan`)
      : /^(play\.yml|requests|signed|other|\w+\.yml)$/.test(word)
        ? join(controller.directory, word)
        : word;
  const isGiven = words.includes('-i') || WITHOUT_INVENTORY.includes(words[0] ?? '');
  const argv = [
    ...words.map((word) => (word === 'RUN' ? idle : word === 'FAILED' ? failed : path(word))),
    ...(isGiven ? [] : ['-i', join(controller.directory, `${inventory}.yml`)]),
  ];
  controller.remove('made.yml');
  const { exitCode, stdout, stderr } = await controller.run(argv, {
    clock: () => NOW,
    variables: { FORCE_COLOR: '1' },
  });
  const made = join(controller.directory, 'made.yml');
  [lastRun = ''] = /\d{8}T\d{6}Z-[0-9a-f]{4}/.exec(stdout) ?? [];
  const plain = (text: string) =>
    text.replace(/\d{8}T\d{6}Z-[0-9a-f]{4}/g, 'RUN').replaceAll(controller.directory, 'DIR');
  return {
    exitCode,
    stdout: plain(stdout + (existsSync(made) ? controller.read('made.yml') : '')),
    stderr: plain(stderr),
  };
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

/** Words without these options and their values. */
function withoutOptions(words: readonly string[], names: readonly string[]): readonly string[] {
  const isOne = (word = '') => word.startsWith('--') && names.includes(word);
  return words.filter((word, index) => !isOne(word) && !isOne(words[index - 1]));
}

it('every command that takes options is known here', async () => {
  const { stdout } = await controller.run(['--help']);
  const [, list = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(stdout) ?? [];
  const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
  const withoutOptions = ['doc', 'explain', 'completion', 'help', 'certs'];
  for (const name of ['doc', 'explain', 'completion']) expect(await optionsOf(name)).toEqual(['--help']);
  const known = Object.keys(COMMANDS).filter((name) => !name.includes(' '));
  expect(names.filter((name) => !withoutOptions.includes(name)).sort()).toEqual(known.sort());
});

it('what is shown elsewhere is there', () => {
  const pairs = Object.values(PROBES).flatMap(({ elsewhere = {} }) => Object.values(elsewhere));
  const missing = pairs.filter((text) => {
    const [, file, title] = /^(\S+\.test\.ts): (.*)$/.exec(text) ?? [];
    if (file === undefined || title === undefined) return /\.test\.ts/.test(text);
    return !readFileSync(new URL(file, import.meta.url), 'utf8').includes(title);
  });
  expect(missing).toEqual([]);
});

describe.each(Object.entries(COMMANDS))('kplay %s', (command, words) => {
  it('accepts no option without a meaning', { timeout: 240_000 }, async () => {
    const without = new Map<string, Ended>();
    const ignored: string[] = [];
    for (const name of await optionsOf(command)) {
      if (BY_THEMSELVES.includes(name) || (command === 'worker' && !OF_WORKER_ITSELF.includes(name))) continue;
      const probe = PROBES[name];
      if (!probe) throw new Error(`nobody has said what ${name} means`);
      if (probe.elsewhere?.[command] !== undefined) continue;
      const { on = 'all' } = probe;
      const beside = probe.besideOf?.[command] ?? (WITHOUT_INVENTORY.includes(command) ? [] : (probe.beside ?? []));
      const key = [on, ...beside].join(' ');
      // No option is given twice.
      const needed = withoutOptions(words, beside);
      const said = without.get(key) ?? (await kplay([...needed, ...beside], on));
      without.set(key, said);
      controller.remove('root/greeting');
      const others = withoutOptions(needed, [name]);
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
