import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { canFixFiles, succeeds } from '../support/abilities.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: Site;
let fleet: Fleet;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ masters: 2 });
});
afterAll(() => site.close());

const doctor = (words: readonly string[] = [], surroundings: Parameters<Site['controller']['run']>[1] = {}) =>
  site.controller.run(['doctor', '-i', fleet.inventoryFile, ...words], surroundings);

const planAll = (inventory: string) => ['plan', 'renew-certs.yml', '-i', inventory, '-e', 'renew_before=all'];

describe('kplay doctor', () => {
  it('tells of each host what it has, and that nothing prevents a run', async () => {
    const { exitCode, stdout, stderr } = await doctor();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^HOST +REACH +ROOT +READ +CLOCK +DISK +FILES +KUBEADM +KUBELET +SH +OPENSSL\n/);
    expect(stdout).toMatch(/^demo-m1 +yes +\S.* yes +[+-]?[0-5]s +\d+[KMGT] +yes +v1\.\d+\.\d+ /m);
    expect(stdout).toContain('\n2 hosts: by these checks, nothing prevents a run. Certificates, CAs');
    const rows = await doctor(['--no-headers', '-l', 'demo-m2']);
    expect(rows.stdout).toMatch(/^demo-m2 .*\n$/);
  });

  it('tells no difference between clocks of which one tells whole seconds only', async () => {
    const late = () => new Date(Math.floor(Date.now() / 1000) * 1000 + 999);
    const { hosts } = JSON.parse((await doctor(['-o', 'json'], { clock: late })).stdout);
    expect(hosts.map(({ clock_ahead_s: ahead }: { clock_ahead_s: number }) => ahead)).toEqual([0, 0]);
  });

  it('refuses what a run would refuse, in its words', async () => {
    const later = () => new Date(Date.now() + 3_600_000);
    const { exitCode, stdout } = await doctor(['-l', 'demo-m1'], { clock: later });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/error: demo-m1: its clock is (1h|59m\S*) behind this machine's\n {2}set the clock/);
    const [{ findings, clock_ahead_s: ahead }] = JSON.parse(
      (await doctor(['-o', 'json'], { clock: later })).stdout,
    ).hosts;
    expect(findings).toMatchObject([{ question: 'clock', severity: 'error' }]);
    expect(ahead).toBeLessThan(-3_590);
  });

  it('tells of a host that cannot be reached, and looks at the others', async () => {
    const away = site.controller.file('away.yml', fleet.inventory.replace(/ansible_port: \d+/, 'ansible_port: 1'));
    const { exitCode, stdout } = await site.controller.run(['doctor', '-i', away]);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^demo-m1 +no +- +- +- +- +- +- +- +- +-$/m);
    expect(stdout).toMatch(/^demo-m2 +yes /m);
    expect(stdout).toMatch(/^error: demo-m1: .* refuses the connection/m);
  });

  it('tells of a master without a kubeadm, which is no reason to refuse it, and leaves no trace', async () => {
    const [{ root = '' } = {}] = fleet.hosts;
    const kubeadm = join(root, 'usr/bin/kubeadm');
    chmodSync(kubeadm, 0o644);
    const { exitCode, stdout } = await doctor();
    chmodSync(kubeadm, 0o755);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^demo-m1 .* yes +missing +-/m);
    expect(stdout).toContain('warning: demo-m1: there is no kubeadm on the host\n  install the version of the cluster');
    expect(site.controller.journals).toEqual([]);
  });

  it('tells of a kubeadm that cannot be used, without the secrets in what it says, wherever a line is broken', async () => {
    const [{ root = '' } = {}] = fleet.hosts;
    const kubeadm = join(root, 'usr/bin/kubeadm');
    const own = readFileSync(kubeadm);
    writeFileSync(kubeadm, '#!/bin/sh\necho cannot start: correct horse battery staple\n');
    const words = ['-e', 'db_password="correct horse battery staple"'];
    const { exitCode, stdout } = await doctor(words, { types: [], columns: 80 });
    const json = await doctor([...words, '-o', 'json']);
    writeFileSync(kubeadm, own);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^demo-m1 .* yes +broken +-/m);
    expect(stdout).toContain('kubeadm does not print its version: cannot start: ***\n');
    expect(stdout).not.toMatch(/correct|horse|battery|staple/);
    expect(JSON.parse(json.stdout).hosts[0].findings[0].message).toMatch(/version: cannot start: \*\*\*$/);
  });

  it('refuses a master whose container runtime listens and does not answer, as a run would', async () => {
    const [{ root = '' } = {}] = fleet.hosts;
    const [list, crictl] = [join(root, 'proc/1/net/unix'), join(root, 'usr/bin/crictl')];
    mkdirSync(dirname(list), { recursive: true });
    writeFileSync(list, '0: 00000002 00000000 00010000 0001 01 20000 /run/containerd/containerd.sock\n');
    writeFileSync(crictl, '#!/bin/sh\necho "rpc error: code = DeadlineExceeded" >&2\nexit 1\n', { mode: 0o755 });
    const { exitCode, stdout } = await doctor();
    const plan = await site.controller.run(planAll(fleet.inventoryFile));
    rmSync(crictl);
    rmSync(list);
    const said = 'its container runtime hangs (it listens on unix:///run/containerd/containerd.sock, and does not';
    expect(exitCode).toBe(3);
    expect(stdout).toContain(`error: demo-m1: ${said}`);
    expect(plan).toMatchObject({ exitCode: 3, stdout: expect.stringContaining(`refused: ${said}`) });
  });

  it('leaves to the plan what no host tells by itself', async () => {
    const [{ root = '' } = {}] = fleet.hosts;
    const authority = join(root, 'etc/kubernetes/pki/front-proxy-ca.crt');
    const own = readFileSync(authority);
    copyFileSync(join(root, 'etc/kubernetes/pki/etcd/ca.crt'), authority);
    const plan = await site.controller.run(planAll(fleet.inventoryFile));
    const { exitCode, stdout } = await doctor();
    writeFileSync(authority, own);
    expect(plan).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('front-proxy-ca of demo-m') });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/nothing prevents a run\. .*the cluster as a whole are checked by kplay plan\.\n$/);
  });

  describe('looks whether admin.conf can be used', () => {
    const path = () => join(fleet.hosts[0]?.root ?? '', 'etc/kubernetes/admin.conf');

    /** What is said of the first host while its admin.conf is another one. */
    async function saidOf(change: (text: string) => string | undefined) {
      const own = readFileSync(path(), 'utf8');
      const text = change(own);
      if (text === undefined) rmSync(path());
      else writeFileSync(path(), text);
      const { exitCode, stdout } = await doctor(['-o', 'json']);
      const plan = await site.controller.run(['plan', 'renew-certs.yml', '-i', fleet.inventoryFile]);
      writeFileSync(path(), own, { mode: 0o600 });
      const [{ findings }] = JSON.parse(stdout).hosts;
      return { exitCode, findings, plan: plan.stdout };
    }

    it('and tells in the words of the refusal what no renewal mends', async () => {
      const strange = readFileSync(join(fleet.hosts[0]?.root ?? '', 'etc/kubernetes/pki/front-proxy-ca.crt'));
      const { exitCode, findings } = await saidOf((text) =>
        text.replace(/certificate-authority-data: .*/, `certificate-authority-data: ${strange.toString('base64')}`),
      );
      expect(exitCode).toBe(3);
      expect(findings).toMatchObject([
        {
          question: 'admin',
          severity: 'error',
          message: expect.stringContaining('the proof would fail: the user of admin.conf rejects the API server'),
          remedy: expect.stringContaining(
            'kubectl config set-cluster kubernetes --kubeconfig /etc/kubernetes/admin.conf',
          ),
        },
      ]);
    });

    it('and of one that is missing, that a renewal makes a new one', async () => {
      const { exitCode, findings, plan } = await saidOf(() => undefined);
      expect(exitCode).toBe(0);
      expect(findings).toEqual([
        {
          question: 'admin',
          severity: 'warning',
          message: 'admin.conf cannot be used: /etc/kubernetes/admin.conf is missing',
          remedy: 'a renewal makes a new one: kplay run renew-certs.yml -i INVENTORY',
        },
      ]);
      expect(plan).toContain('admin.conf');
    });

    it('and of one whose address is dead, with which a run has no trouble, that kubectl has', async () => {
      const { exitCode, findings, plan } = await saidOf((text) =>
        text.replace(/server: .*/, 'server: https://10.20.0.250:6443'),
      );
      expect(exitCode).toBe(0);
      expect(findings).toMatchObject([
        {
          question: 'admin',
          severity: 'warning',
          message: expect.stringMatching(
            /^admin\.conf names 10\.20\.0\.250:6443 as the API server, which does not answer \(.*although that of this host is healthy/,
          ),
          remedy: expect.stringMatching(/kubectl with --server https:\/\/10\.20\.0\.\d+:6443$/),
        },
      ]);
      expect(plan).toContain('0 refused');
    });

    it('and says nothing of one that has expired, as all others have: renewals are for that', async () => {
      const inAYear = () => new Date(Date.now() + 400 * 86_400_000);
      const { hosts } = JSON.parse((await doctor(['-o', 'json'], { clock: inAYear })).stdout);
      expect(hosts[0].findings).not.toContainEqual(expect.objectContaining({ question: 'admin' }));
    });
  });

  it('refuses a host whose kubelet.conf cannot be read, as a run would', async () => {
    const path = join(fleet.hosts[0]?.root ?? '', 'etc/kubernetes/kubelet.conf');
    const own = readFileSync(path);
    writeFileSync(path, 'users: [');
    const { exitCode, stdout } = await doctor();
    const plan = await site.controller.run(planAll(fleet.inventoryFile));
    writeFileSync(path, own, { mode: 0o600 });
    const said = 'kubelet.conf cannot be read: ';
    expect(plan).toMatchObject({ exitCode: 3, stdout: expect.stringContaining(`refused: ${said}`) });
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining(`error: demo-m1: ${said}`),
    });
  });

  it('refuses a host that runs nothing but etcd, as a run would', async () => {
    const own = await site.fleet({ masters: 1 });
    const kubernetes = join(own.hosts[0]?.root ?? '', 'etc/kubernetes');
    const isOfEtcd = (name: string) =>
      name.startsWith('etcd') || name === 'kubelet.conf' || !/\.(?:crt|key|pub|conf|yaml)$/.test(name);
    for (const directory of [kubernetes, join(kubernetes, 'pki'), join(kubernetes, 'manifests')])
      for (const name of readdirSync(directory)) if (!isOfEtcd(name)) rmSync(join(directory, name));
    const words = ['-i', own.inventoryFile];
    const { exitCode, stdout } = await site.controller.run(['doctor', ...words]);
    const plan = await site.controller.run(planAll(own.inventoryFile));
    const said = 'this host runs etcd and nothing else of the control plane';
    expect(plan).toMatchObject({ exitCode: 3, stdout: expect.stringContaining(said) });
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining(`error: demo-m1: ${said}`),
    });
  });

  it.skipIf(!canFixFiles)(
    'warns of a certificate that cannot be replaced, which a run refuses when it is due',
    async () => {
      const path = join(fleet.hosts[0]?.root ?? '', 'etc/kubernetes/pki/apiserver.key');
      succeeds('chattr', '+i', path);
      onTestFinished(() => void succeeds('chattr', '-i', path));
      const { exitCode, stdout } = await doctor();
      const plan = await site.controller.run(planAll(fleet.inventoryFile));
      const said = '/etc/kubernetes/pki/apiserver.key cannot be replaced even by root';
      expect(plan).toMatchObject({ exitCode: 3, stdout: expect.stringContaining(`refused: ${said}`) });
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(`warning: demo-m1: ${said}`),
      });
    },
  );

  it('says what cannot be asked', async () => {
    const { exitCode, stderr } = await site.controller.run(['doctor']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no inventory given');
    rmSync(join(site.controller.directory, 'away.yml'), { force: true });
  });

  it('tells of hosts that another run holds, which would refuse a second one, and of none when it has ended', async () => {
    const gate = join(site.controller.directory, 'gate');
    const wait = `- hosts: demo-m1\n  tasks: [{ shell: 'while [ ! -e ${gate} ]; do sleep 0.1; done' }]\n`;
    const play = site.controller.file('wait.yml', wait);
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const onOutput = (text: string): void => void (text.includes('started on 1 host') && begin());
    const run = site.controller.run(['run', play, '-i', fleet.inventoryFile], { onOutput });
    await begun;
    const { exitCode, stdout } = await doctor();
    const json = JSON.parse((await doctor(['-o', 'json'])).stdout);
    const second = await site.controller.run(['run', play, '-i', fleet.inventoryFile, '-b']);
    site.controller.file('gate', '');
    expect((await run).exitCode).toBe(0);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(
      /^error: demo-m1: another run holds its lock: operator@.* \(run .*\)\n {2}wait until it has ended/m,
    );
    expect(stdout).toContain(`kplay unlock -i ${fleet.inventoryFile} -l demo-m1 --reason TEXT`);
    expect(second.exitCode).toBe(3);
    expect(second.stdout).toContain(`kplay unlock -i ${fleet.inventoryFile} -l demo-m1 -b --reason TEXT`);
    expect(stdout).toContain('\n2 hosts, 1 finding.\n');
    expect(json.hosts[0].findings).toMatchObject([{ question: 'lock', severity: 'error' }]);
    expect((await doctor()).exitCode).toBe(0);
  });

  it('tells of a kubelet.conf that a bootstrap has left aside, and not while a run holds the host', async () => {
    const root = fleet.hosts[0]?.root ?? '';
    const [conf, aside] = ['', '/.kplay-aside/etc/kubernetes'].map((at) => `${root}/etc/kubernetes${at}/kubelet.conf`);
    if (conf === undefined || aside === undefined) throw new Error('the fleet has no host');
    mkdirSync(dirname(aside), { recursive: true });
    renameSync(conf, aside);
    onTestFinished(() => renameSync(aside, conf));
    const findings = async () => JSON.parse((await doctor(['-l', 'demo-m1', '-o', 'json'])).stdout).hosts[0].findings;
    expect(await findings()).toMatchObject([{ question: 'kubelet', severity: 'warning' }]);
    const gate = join(site.controller.directory, 'open');
    const wait = `- hosts: demo-m1\n  tasks: [{ shell: 'while [ ! -e ${gate} ]; do sleep 0.1; done' }]\n`;
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const onOutput = (text: string): void => void (text.includes('started on 1 host') && begin());
    const words = ['run', site.controller.file('hold.yml', wait), '-i', fleet.inventoryFile];
    const run = site.controller.run(words, { onOutput });
    await begun;
    expect(await findings()).toMatchObject([{ question: 'lock', severity: 'error' }]);
    site.controller.file('open', '');
    await run;
  });
});
