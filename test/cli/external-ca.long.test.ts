import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { type Snapshot, snapshotDifference } from '../../src/simulation/snapshot.ts';
import { AUTHORITY_PATHS } from '../simulation/support/credentials.ts';
import { needing } from '../support/programs.ts';
import type { Ended } from './support/controller.ts';
import { copyTree, ExternalAuthority, filesBelow } from './support/external-authority.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const REQUESTS = [
  'admin.conf.csr',
  'apiserver-etcd-client.csr',
  'apiserver-kubelet-client.csr',
  'apiserver.csr',
  'controller-manager.conf.csr',
  'etcd/healthcheck-client.csr',
  'etcd/peer.csr',
  'etcd/server.csr',
  'front-proxy-client.csr',
  'kubelet.conf.csr',
  'scheduler.conf.csr',
  'super-admin.conf.csr',
];

let site: Site;
let fleet: Fleet;
let host: EmbeddedHost;
let authority: ExternalAuthority;
let before: Snapshot;
let asked: Snapshot;
/** Where requests and certificates of this test are. */
let directory: string;

beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ clusterName: 'ext', stateOf: () => ({ all: { condition: 'expired' } }) });
  [host] = fleet.hosts as readonly [EmbeddedHost];
  authority = ExternalAuthority.takenFrom(fleet.hosts);
  before = host.snapshot();
  directory = join(site.controller.directory, 'signed');
});
afterAll(async () => {
  authority.close();
  await site.close();
});

const kplay = (...words: readonly string[]): Promise<Ended> =>
  site.controller.run([...words, '-i', fleet.inventoryFile]);

function changedFiles(since: Snapshot): readonly string[] {
  return [...snapshotDifference(since, host.snapshot()).keys()].filter((path) => !path.startsWith('/run'));
}

const request = (name: string): string => join(directory, 'ext-m1', name);

// One master whose CA keys are elsewhere, from the refusal to the proof: each test goes on where the one before ended.
describe.sequential('a master whose CA keys are elsewhere', needing('openssl'), () => {
  it('is refused before any change, with all that is due and what to do', async () => {
    const { exitCode, stdout } = await kplay('run', RENEW);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/ca\.key.* are not on this host: 12 certificates that are due cannot be signed here/);
    for (const name of ['apiserver', 'etcd-peer', 'front-proxy-client', 'super-admin.conf', 'kubelet-client'])
      expect(stdout).toMatch(new RegExp(`${name} .*expired \\d{4}-\\d\\d-\\d\\d; signed by`));
    expect(stdout).toContain('kplay certs csr, with the same -i and -l, writes a request for each');
    expect(stdout).toContain(`elsewhere: kplay certs csr -i ${fleet.inventoryFile} -l ext-m1 --out requests\n`);
    expect(changedFiles(before)).toEqual([]);
  });

  it('makes keys of its own, and requests that openssl takes', async () => {
    const { exitCode, stdout, stderr } = await kplay('certs', 'csr', '--out', directory);
    expect({ exitCode, stderr, stdout: exitCode === 0 ? '' : stdout }).toEqual({ exitCode: 0, stderr: '', stdout: '' });
    expect(filesBelow(directory)).toEqual(REQUESTS.map((file) => `ext-m1/${file}`));
    expect(stdout).toContain(`12 requests are in ${directory}.`);
    expect(stdout).toContain(`Next: kplay certs install ${directory} -i ${fleet.inventoryFile}`);
    expect(authority.print(request('apiserver.csr'))).toMatch(/DNS:ext-m1.*IP Address:10\.20\.0\.11/);
    expect(authority.print(request('admin.conf.csr'))).toContain('O = kubeadm:cluster-admins, CN = kubernetes-admin');
    expect(authority.print(request('kubelet.conf.csr'))).toContain('O = system:nodes, CN = system:node:ext-m1');
    expect(changedFiles(before).filter((path) => !path.includes('.kplay-csr') && path !== '/etc/kubernetes')).toEqual(
      [],
    );
    const keys = join(host.root, 'etc/kubernetes/.kplay-csr');
    expect(statSync(keys).mode & 0o777).toBe(0o700);
    expect(statSync(join(keys, 'apiserver.key')).mode & 0o777).toBe(0o600);
    asked = host.snapshot();
  });

  it('says that requests which cannot be written wait on the hosts, and not that no host was contacted', async () => {
    const taken = join(site.controller.directory, 'taken');
    site.controller.file('taken/ext-m1', 'not a directory');
    const { exitCode, stdout, stderr } = await kplay('certs', 'csr', '--out', taken);
    expect(stdout).toMatch(
      /warning: cannot write to \S+taken: .*not a directory\n +What to do: the requests are still on/,
    );
    expect(`${stdout}${stderr}`).not.toMatch(/No host was contacted|have them signed/i);
    expect(exitCode).toBe(1);
    const { stdout: runs } = await site.controller.run(['history', '-o', 'json']);
    expect(JSON.parse(runs)[0]).toMatchObject({ command: 'certs csr', result: 'failed', exitCode: 1 });
  });

  it('keeps the keys that wait, and asks for the same again', async () => {
    const again = join(site.controller.directory, 'again');
    const { exitCode, stdout } = await kplay('certs', 'csr', '--out', again);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('12 keys are waiting for their certificates');
    const read = (below: string, file: string) => site.controller.read(`${below}/${file}`);
    for (const file of filesBelow(directory)) expect(read('again', file)).toBe(read('signed', file));
    expect(changedFiles(asked)).toEqual([]);
  });

  it.each<[what: string, spoil: () => void, says: RegExp]>([
    [
      'another key',
      () => authority.sign(request('apiserver.csr'), { otherKey: true }),
      /apiserver\.crt +it is for a key other than/,
    ],
    [
      'a lost name',
      () => authority.sign(request('etcd/peer.csr'), { names: 'DNS:ext-m1,DNS:localhost,IP:127.0.0.1,IP:::1' }),
      /etcd\/peer\.crt +it has lost the name 10\.20\.0\.11/,
    ],
    [
      'another CA of the same name',
      () => authority.sign(request('admin.conf.csr'), { authority: 'stranger' }),
      /admin\.conf\.crt +it does not lead to \/etc\/kubernetes\/pki\/ca\.crt/,
    ],
    [
      'the CA of another certificate',
      () => authority.sign(request('etcd/server.csr'), { authority: 'ca' }),
      /etcd\/server\.crt +it does not lead to \/etc\/kubernetes\/pki\/etcd\/ca\.crt/,
    ],
    [
      'an end that has come',
      () => authority.sign(request('scheduler.conf.csr'), { days: -1 }),
      /scheduler\.conf\.crt +it (expired|expires before it is valid)/,
    ],
    [
      'one that is missing',
      () => rmSync(request('front-proxy-client.crt')),
      /front-proxy-client\.crt +it is missing, and front-proxy-client is unusable/,
    ],
  ])('refuses %s without a byte being changed', async (_what, spoil, says) => {
    authority.signAll(directory);
    spoil();
    const { exitCode, stdout } = await kplay('certs', 'install', directory);
    expect(stdout).toMatch(says);
    expect(stdout).toContain('1 thing is wrong with the signed certificates');
    expect(exitCode).toBe(3);
    expect(changedFiles(asked)).toEqual([]);
  });

  it('tells all that is wrong at once', async () => {
    authority.signAll(directory);
    authority.sign(request('apiserver.csr'), { otherKey: true, authority: 'stranger', names: 'DNS:ext-m1' });
    const { exitCode, stdout } = await kplay('certs', 'install', directory);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/3 things are wrong/);
    expect(stdout).toMatch(/lost the names kubernetes, kubernetes\.default, /);
    expect(changedFiles(asked)).toEqual([]);
  });

  it('is not contacted for files that are no certificates', async () => {
    const bad = join(site.controller.directory, 'bad');
    copyTree(directory, bad);
    site.controller.file('bad/ext-m1/apiserver.crt', 'nothing\n');
    site.controller.file('bad/ext-m1/other.crt', 'nothing\n');
    site.controller.file('bad/ext-m9/apiserver.crt', 'nothing\n');
    const { exitCode, stderr } = await kplay('certs', 'install', bad);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('ext-m1/apiserver.crt: there is no PEM certificate in it');
    expect(stderr).toContain('ext-m1/other.crt is not named after a certificate');
    expect(stderr).toContain('ext-m9 is not named after a host of the inventory');
  });

  it('shows what it would install, and writes nothing', async () => {
    authority.signAll(directory);
    const { exitCode, stdout } = await kplay('certs', 'install', directory, '--check');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/apiserver +expires \d{4}-\d\d-\d\d → \d{4}-\d\d-\d\d +signed +SANs: \d+/);
    expect(changedFiles(asked)).toEqual([]);
  });

  it('installs them, with a chain where there is one, restarts and proves', async () => {
    authority.signAll(directory);
    for (const name of ['apiserver.csr', 'admin.conf.csr']) authority.sign(request(name), { through: 'intermediate' });
    const { exitCode, stdout, stderr } = await kplay('certs', 'install', directory);
    expect({ exitCode, stderr, stdout: exitCode === 0 ? '' : stdout }).toEqual({ exitCode: 0, stderr: '', stdout: '' });
    const [start] = site.controller.journal(site.controller.journals.at(-1) ?? '');
    expect(start).toMatchObject({ again: `kplay certs install ${directory} -i ${fleet.inventoryFile}` });
    expect(host.read('/etc/kubernetes/pki/apiserver.crt').match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(changedFiles(before).filter((path) => AUTHORITY_PATHS.includes(path))).toEqual([]);
    const renewed = await kplay('check', '-o', 'json');
    const rows = JSON.parse(renewed.stdout).hosts[0].certificates;
    expect(rows.filter(({ due, served }: { due: boolean; served: string }) => due || served === 'old one')).toEqual([]);
    expect(filesBelow(join(host.root, 'etc/kubernetes')).filter((path) => path.includes('.kplay-'))).toEqual([]);
  });

  it('has nothing left to do', async () => {
    const done = host.snapshot();
    const install = await kplay('certs', 'install', directory);
    expect(install.exitCode).toBe(0);
    expect(install.stdout).toContain('the 12 certificates in');
    const csr = await kplay('certs', 'csr', '--out', join(site.controller.directory, 'none'));
    expect(csr.stdout).toContain('No certificate is due');
    expect((await kplay('run', RENEW)).stdout).toMatch(/^Nothing changed\./m);
    expect(changedFiles(done)).toEqual([]);
  });

  it('kept its secrets', () => {
    expect(site.leaks()).toEqual([]);
  });
});

describe.sequential('two masters whose CA keys are elsewhere', needing('openssl'), () => {
  let pair: Fleet;
  let keys: ExternalAuthority;
  let signed: string;
  const onPair = (...words: readonly string[]): Promise<Ended> =>
    site.controller.run([...words, '-i', pair.inventoryFile]);

  beforeAll(async () => {
    pair = await site.fleet({ clusterName: 'two', masters: 2, stateOf: () => ({ all: { condition: 'due' } }) });
    keys = ExternalAuthority.takenFrom(pair.hosts);
    signed = join(site.controller.directory, 'two');
  });
  afterAll(() => keys.close());

  it('are both left alone while a certificate of one is wrong', async () => {
    expect((await onPair('certs', 'csr', '--out', signed, '--keys', 'kplay')).exitCode).toBe(0);
    keys.signAll(signed);
    keys.sign(join(signed, 'two-m2/apiserver.csr'), { authority: 'stranger' });
    const since = pair.hosts.map((one) => one.snapshot());
    const { exitCode, stdout } = await onPair('certs', 'install', signed);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(
      'the certificates for two-m2 cannot be installed, and either all hosts are changed or none',
    );
    for (const [index, one] of pair.hosts.entries()) {
      const changed = [...snapshotDifference(since[index] ?? new Map(), one.snapshot()).keys()];
      expect(changed.filter((path) => !path.startsWith('/run'))).toEqual([]);
    }
  });

  it('are done one after the other when all is right', async () => {
    keys.signAll(signed);
    const { exitCode, stdout } = await onPair('certs', 'install', signed);
    expect({ exitCode, stdout: exitCode === 0 ? '' : stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stdout).toMatch(/in (planned|recovery) order/);
    const { hosts } = JSON.parse((await onPair('check', '-o', 'json')).stdout);
    const rows = hosts.flatMap(({ certificates }: { certificates: readonly object[] }) => certificates);
    expect(rows).toHaveLength(25);
    expect(rows.filter(({ due, served }: { due: boolean; served: string }) => due || served === 'old one')).toEqual([]);
    for (const { kubelet } of pair.hosts) expect(kubelet.isReady).toBe(true);
  });
});
