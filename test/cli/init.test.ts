import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: Site;
let fleet: Fleet;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ masters: 1, workers: 1 });
});
afterAll(() => site.close());

let made = 0;
async function init(words: readonly string[], { types, over }: { types?: readonly string[]; over?: string } = {}) {
  const file = over ?? join(site.controller.directory, `made-${++made}.yml`);
  const ended = await site.controller.run(['init', file, ...words], types ? { types } : {});
  const name = file.slice(site.controller.directory.length + 1);
  return { ...ended, file, text: existsSync(file) ? site.controller.read(name) : undefined };
}

async function groupsIn(file: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { exitCode, stdout } = await site.controller.run(['inventory', '-i', file, '--list']);
  expect(exitCode).toBe(0);
  const { _meta: meta, all, ...groups } = JSON.parse(stdout);
  expect(meta).toBeDefined();
  return Object.fromEntries(
    Object.entries(groups).map(([name, group]) => [name, (group as { hosts: string[] }).hosts]),
  );
}

describe('kplay init with lists', () => {
  it('writes the groups that the shipped playbooks name', async () => {
    const words = [
      '--masters',
      '10.0.0.1, m[1:2]:2222',
      '--workers',
      'fd00::1',
      '-u',
      'ops',
      '-b',
      '--private-key',
      '~/k',
    ];
    const { exitCode, stdout, stderr, text, file } = await init([...words, '--no-look']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(`Written: ${file} (3 masters, 1 worker)\n\nNext: kplay doctor -i ${file}\n`);
    expect(await groupsIn(file)).toMatchObject({ masters: ['10.0.0.1', 'm1', 'm2'], workers: ['fd00::1'] });
    expect(text).toContain('ansible_user: ops\n    ansible_ssh_private_key_file: ~/k\n    ansible_become: true\n');
  });

  it.each([
    ['--masters', 'ops:pw@10.0.0.1'],
    ['--masters', 'm1,ops:p@ss:w0rd@m2'],
    ['--workers', 'ops:pw@[fd00::1]:22'],
  ])('does not show a password that somebody puts before a host: %s %s', async (option, list) => {
    const more = option === '--workers' ? ['--masters', 'm1'] : [];
    for (const types of [
      undefined,
      ['a', option === '--masters' ? list : 'm1', ...(option === '--workers' ? [list] : []), '\u0003'],
    ]) {
      const words = types ? ['--no-look'] : [option, list, ...more, '--no-look'];
      const { exitCode, stdout, stderr } = await init(words, types ? { types } : {});
      expect(exitCode).toBe(types ? 130 : 1);
      // A terminal shows what is typed there.
      const said = types ? stderr.slice(stderr.indexOf('\n', stderr.indexOf(list))) : `${stdout}${stderr}`;
      expect(said).toContain(types ? 'Interrupted' : 'ops:***@');
      expect(said).not.toMatch(/\bpw\b|p@ss|w0rd/);
    }
  });

  it('does not read a user as part of a host, and says how to give one', async () => {
    const { stderr } = await init(['--masters', 'ops@a', '--no-look']);
    expect(stderr).toContain('write the user by itself: -u ops\n');
  });

  it.each([
    ['masters', 'is the name of a group already'],
    ['m1', 'is the name of a host already'],
    ['a b', 'contains white space'],
  ])('calls no cluster %j', async (name, why) => {
    const { exitCode, stderr } = await init(['--masters', 'm1', '--cluster', name, '--no-look']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`'${name}' cannot be the name of a cluster: it ${why}`);
    expect(stderr).toContain(name === 'a b' ? 'use letters, digits' : 'choose another name');
  });

  it('never replaces a file that it is not told to', async () => {
    const first = await init(['--masters', 'm1', '--no-look']);
    const again = await init(['--masters', 'm2', '--no-look'], { over: first.file });
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain(`${first.file} already exists`);
    expect(again.text).toBe(first.text);
    const forced = await init(['--masters', 'm2', '--no-look', '--force'], { over: first.file });
    expect(forced.exitCode).toBe(0);
    expect(await groupsIn(first.file)).toMatchObject({ masters: ['m2'] });
  });

  it('replaces no file by one that could not be read', async () => {
    const old = site.controller.file('old/hosts.ini', '[masters]\nm1\n');
    const { exitCode, stdout, stderr, text } = await init(['--masters', 'm2', '--no-look', '--force'], { over: old });
    expect({ exitCode, stdout, text }).toEqual({ exitCode: 1, stdout: '', text: '[masters]\nm1\n' });
    expect(stderr).toContain('this is YAML in a file with an INI extension');
    site.controller.file('beside/group_vars/masters.yml', 'a: [\n');
    const { file } = await init(['--masters', 'm1'], { over: join(site.controller.directory, 'beside/prod.yml') });
    expect(existsSync(file)).toBe(false);
  });

  it.each(['yes', 'no', 'on', 'y', '0o17', '017', '1_000', '12:30', 'null', '~', '0x1f', '1e3', '2026-11-26'])(
    'writes the user %s as a text that is read back as it is',
    async (user) => {
      const { file } = await init(['--masters', 'm1', '-u', user, '--no-look']);
      const { stdout } = await site.controller.run(['inventory', '-i', file, '--host', 'm1']);
      expect(JSON.parse(stdout)).toMatchObject({ ansible_user: user });
    },
  );

  it('says what comes next where its hosts cannot be looked at', async () => {
    const { exitCode, stdout, stderr, file, text } = await init(['--masters', 'm1', '--private-key', '/nowhere/key']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('/nowhere/key');
    expect(stdout).toBe(`Written: ${file} (1 master)\n\n\nNext: kplay doctor -i ${file}\n`);
    expect(text).toContain('ansible_ssh_private_key_file: /nowhere/key');
  });

  it('says at its place what is no host, and what is named twice, and writes nothing', async () => {
    const { exitCode, stderr, text } = await init(['--masters', 'm1,a b,m1', '--workers', 'm1,w[3:1]']);
    expect(exitCode).toBe(1);
    for (const place of ['--masters:1:4', '--masters:1:8', '--workers:1:1', '--workers:1:4'])
      expect(stderr).toContain(`─ ${place}\n`);
    expect(text).toBeUndefined();
    const taken = await init(['--masters', 'm1', '--cluster', 'masters']);
    expect(taken.stderr).toContain("'masters' cannot be the name of a cluster: it is the name of a group already");
    const alone = await init(['--masters', ',', '--context', 'x']);
    expect(alone.stderr).toContain('--context has no effect without --kubeconfig');
    expect(alone.stderr).toContain('--masters names no host');
  });

  it('needs to be told where there is no terminal', async () => {
    const { exitCode, stderr } = await init([]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no hosts are given, and there is no terminal to ask on');
  });

  it('leaves a place that cannot be written alone', async () => {
    const { exitCode, stderr } = await init(['--masters', 'm1'], { over: '/nowhere/prod.yml' });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('cannot write /nowhere/prod.yml: the directory /nowhere does not exist');
  });
});

/** Lines of an ssh_config by which the hosts of the fleet are reached. */
function sshConfig(): string {
  const hosts = fleet.hosts.map(({ name, sshPort }) => `Host ${name}\n  Port ${sshPort}\n`).join('');
  const file = (name: string) => JSON.stringify(join(fleet.directory, name));
  const all = [
    'HostName 127.0.0.1',
    'User root',
    `IdentityFile ${file('id_ed25519')}`,
    `UserKnownHostsFile ${file('known_hosts')}`,
  ];
  return `${hosts}Host other\nHost *\n${all.map((line) => `  ${line}\n`).join('')}`;
}

describe('kplay init with an ssh_config', () => {
  it('takes how hosts are reached, and looks at them', async () => {
    const config = site.controller.file('ssh_config', sshConfig());
    const { exitCode, stdout, stderr, text, file } = await init([
      ...['--ssh-config', config, '--masters', '*-m?', '--workers', 'demo-w1', '--cluster', 'prod'],
    ]);
    // The hosts' sessions belong to whoever runs the tests, and are not told here that this will do.
    const [code, next] = process.getuid?.() === 0 ? [0, 'check'] : [3, 'doctor'];
    expect({ exitCode, stderr }, stdout).toEqual({ exitCode: code, stderr: '' });
    expect(stdout).toMatch(/^demo-m1 +yes /m);
    expect(stdout).toMatch(/^demo-w1 +yes /m);
    expect(stdout).toMatch(new RegExp(`\\nNext: kplay ${next} -i \\S+\\n$`));
    expect(text).toMatch(/^# Not taken from .*: other\n/);
    expect(await groupsIn(file)).toMatchObject({ prod_masters: ['demo-m1'], prod_workers: ['demo-w1'] });
    const { exitCode: valid } = await site.controller.run(['validate', 'renew-certs.yml', '-i', file]);
    expect(valid).toBe(0);
  });

  it('says which of its hosts it does not know, and asks which are masters', async () => {
    const config = site.controller.file('ssh_config', `Include more\n${sshConfig()}`);
    const unsaid = await init(['--ssh-config', config]);
    expect(unsaid.stderr).toContain(`it is not known which hosts of ${config} are masters`);
    const unknown = await init(['--ssh-config', config, '--masters', 'demo-m2', '--workers', 'demo-*']);
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain("has no host 'demo-m2'");
    expect(unknown.stderr).toContain(`─ ${config}:1:1\n`);
    const both = await init(['--ssh-config', config, '--masters', 'demo-m1', '--workers', 'demo-*']);
    expect(both.stderr).toContain('demo-m1 is named by --masters and by --workers: a host has one role');
    const template = site.controller.file('templates', 'Host m1\n  User {{ x }}\n');
    expect((await init(['--ssh-config', template, '--masters', 'm1'])).stderr).toContain('treat it as a template');
  });

  it('tells of hosts that are not reached as kplay doctor does, and has written the inventory', async () => {
    const config = site.controller.file('away', `Host m1\n  HostName 127.0.0.1\n  Port 1\n`);
    const { exitCode, stdout, text } = await init(['--ssh-config', config, '--masters', 'm1']);
    expect(exitCode).toBe(4);
    expect(stdout).toContain('Next: kplay doctor -i ');
    expect(text).toContain('ansible_port: 1');
  });
});

const KUBECONFIG = `apiVersion: v1
clusters:
- name: prod
  cluster: { server: "https://10.0.0.10:6443" }
- name: kubernetes
  cluster:
    server: https://127.0.0.1:6443
contexts:
- name: admin@prod
  context: { cluster: prod, user: adm }
- name: here
  context: { cluster: kubernetes, user: adm }
current-context: admin@prod
users:
- name: adm
  user: { token: SECRET-TOKEN }
`;

describe('kplay init with a kubeconfig', () => {
  it('takes the address of the API server of its context, and no secret', async () => {
    const kubeconfig = site.controller.file('kubeconfig', KUBECONFIG);
    const { exitCode, text, file } = await init(['--kubeconfig', kubeconfig, '--no-look']);
    expect(exitCode).toBe(0);
    expect(await groupsIn(file)).toMatchObject({ prod_masters: ['10.0.0.10'] });
    expect(text).toContain('If that is the address of a load balancer');
    expect(text).not.toContain('SECRET');
  });

  it.each([
    ['here', ['--context', 'here'], KUBECONFIG, /:7:13: the server of this context is 127\.0\.0\.1/],
    ['unknown', ['--context', 'there'], KUBECONFIG, /:8:1: there is no context 'there'\n .*admin@prod, here/],
    ['none', [], KUBECONFIG.replace(/current-context.*\n/, ''), /there is no current context/],
    ['broken', [], KUBECONFIG.replace('user: { token', 'user: { {token'), /:\d+:\d+: this is no YAML/],
    ['no kubeconfig', [], 'all:\n  hosts:\n    m1:\n', /:1:1: this is not a kubeconfig/],
    ['without server', [], KUBECONFIG.replace(/\{ server.*/, '{}'), /:4:12: the cluster 'prod' has no server/],
    ['strange server', [], KUBECONFIG.replace('"https://10', '"tcp://10'), /:4:22: this server is not a URL/],
    [
      'without cluster',
      [],
      KUBECONFIG.replace('cluster: prod,', 'cluster: x,'),
      /:10:23: this context names no cluster/,
    ],
    ['absent', [], undefined, /cannot read the kubeconfig /],
  ])('says where it is wrong, and shows none of its lines: %s', async (_name, words, kubeconfig, message) => {
    const file = kubeconfig === undefined ? '/nowhere' : site.controller.file('kubeconfig', kubeconfig);
    const { exitCode, stderr, text } = await init(['--kubeconfig', file, ...words]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('SECRET');
    expect(text).toBeUndefined();
  });
});

describe('kplay init on a terminal', () => {
  it('asks for lists', async () => {
    const { exitCode, stderr, file, text } = await init(['--no-look'], { types: ['a', 'm1, m2', '', 'ops', 'n'] });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Masters: names or addresses, separated by commas: ');
    expect(await groupsIn(file)).toMatchObject({ masters: ['m1', 'm2'] });
    expect(text).toContain('ansible_user: ops');
    expect(text).not.toContain('ansible_become');
  });

  it('does not ask for what is given', async () => {
    const words = ['--workers', 'w1', '-u', 'ops', '-b', '--no-look'];
    const { exitCode, stderr, file, text } = await init(words, { types: ['', 'm1'] });
    expect(exitCode).toBe(0);
    expect(stderr).not.toMatch(/Workers|Log in|Become/);
    expect(await groupsIn(file)).toMatchObject({ masters: ['m1'], workers: ['w1'] });
    expect(text).toContain('ansible_user: ops\n    ansible_become: true\n');
    const ofKubeconfig = await init(words, { types: ['k'] });
    expect(ofKubeconfig.exitCode).toBe(1);
    expect(ofKubeconfig.stderr).toContain('--workers has no effect with a kubeconfig');
    expect(ofKubeconfig.text).toBeUndefined();
  });

  it('says at once that a context is of no use where there is no kubeconfig', async () => {
    const { exitCode, stderr, text } = await init(['--context', 'x', '--no-look'], { types: ['a'] });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--context has no effect without a kubeconfig\n  leave it out, or answer k\n');
    expect(stderr).not.toContain('Masters');
    expect(text).toBeUndefined();
  });

  it('asks for an ssh_config, and names its hosts', async () => {
    const config = site.controller.file('home/.ssh/config', 'Host m1\n  Port 2222\nHost w1\n');
    const { exitCode, stderr, text } = await init(['--no-look'], { types: ['s', config, 'm1', 'w1', '', ''] });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Masters, of m1, w1: ');
    expect(text).toContain('ansible_become: true');
    expect(text).toContain('ansible_port: 2222');
  });

  it('asks for a kubeconfig', async () => {
    const kubeconfig = site.controller.file('kubeconfig', KUBECONFIG);
    const { exitCode, file } = await init(['--no-look'], { types: ['k', kubeconfig, '', ''] });
    expect(exitCode).toBe(0);
    expect(await groupsIn(file)).toMatchObject({ prod_masters: ['10.0.0.10'] });
  });

  it('asks again where an answer is none, and takes it for no other', async () => {
    const types = ['m1,m2', 'k8s-m1', 'a', 'm1', '', 'ops', 'x', 'maybe', 'nope', 'No'];
    const { exitCode, stderr, text } = await init(['--no-look'], { types });
    expect(exitCode).toBe(0);
    expect(stderr.match(/Where are the hosts listed/g)).toHaveLength(3);
    expect(stderr).toContain("  'm1,m2' is not a valid answer: type a, s or k\n");
    expect(stderr.match(/Become root/g)).toHaveLength(4);
    expect(stderr).toContain("  'nope' is not a valid answer: type y or n\n");
    expect(text).not.toContain('ansible_become');
  });

  it('asks again where a host is none or is named twice, and keeps the answers before', async () => {
    const types = ['a', '', 'm1,m1', 'm1,m2', 'm2,w1', 'w1', '', ''];
    const { exitCode, stderr, file } = await init(['--no-look'], { types });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('  m1 is named twice: name it once\n');
    expect(stderr).toContain('  m2 is named by --masters and by --workers: a host has one role: name it once\n');
    expect(await groupsIn(file)).toMatchObject({ masters: ['m1', 'm2'], workers: ['w1'] });
  });

  it('asks again for a file that cannot be read, and for hosts that it does not have', async () => {
    const config = site.controller.file('home/.ssh/config', 'Host m1\nHost w1\n');
    const ofSsh = await init(['--no-look'], { types: ['s', '/nowhere', config, 'm7', 'm1', 'm1', 'w1', '', ''] });
    expect(ofSsh.stderr).toContain('cannot read the ssh_config /nowhere: there is no such file');
    expect(ofSsh.stderr).toContain("has no host 'm7'");
    expect(await groupsIn(ofSsh.file)).toMatchObject({ masters: ['m1'], workers: ['w1'] });
    const kubeconfig = site.controller.file('kubeconfig', KUBECONFIG);
    const ofKube = await init(['--no-look'], { types: ['k', '/nowhere', kubeconfig, '', ''] });
    expect(await groupsIn(ofKube.file)).toMatchObject({ prod_masters: ['10.0.0.10'] });
  });

  it('writes nothing when a question is not answered', async () => {
    const { exitCode, stderr, text } = await init(['--no-look'], { types: ['a', '\u0003'] });
    expect(exitCode).toBe(130);
    expect(stderr).toContain('Interrupted. No host was contacted.');
    expect(text).toBeUndefined();
  });
});
