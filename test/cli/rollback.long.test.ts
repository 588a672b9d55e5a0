import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import type { Snapshot } from '../../src/simulation/snapshot.ts';
import { readLeaf } from '../simulation/support/credentials.ts';
import { fingerprintOf, servedFingerprint } from '../simulation/support/openssl.ts';
import { needing } from '../support/programs.ts';
import type { CommandSurroundings, Ended } from './support/controller.ts';
import { runningComponents } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let site: Site;
let fleet: Fleet;
let serials: readonly (string | undefined)[];

beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ clusterName: 'prod', masters: 3 });
  serials = serialsNow();
});
afterAll(() => site.close());

const kplay = (words: readonly string[], surroundings?: CommandSurroundings): Promise<Ended> =>
  site.controller.run([...words, '-i', fleet.inventoryFile], surroundings);

const serialsNow = () => fleet.hosts.map(({ root }) => readLeaf(root, 'apiserver')?.serialNumber);
/** The process that kubelet is. */
const kubeletPid = ({ root }: EmbeddedHost): string | undefined =>
  readdirSync(join(root, 'proc'))
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => readFileSync(join(root, 'proc', pid, 'stat'), 'utf8').includes(' (kubelet) '));
const contents = (snapshot: Snapshot) => [...snapshot].map(([path, { sha256 }]) => [path, sha256]);

describe.sequential('three masters that were renewed although nothing was due', () => {
  let wayBack: readonly string[];
  let renewed: readonly unknown[];

  it('are told how to take that back', async () => {
    const { exitCode, stdout } = await kplay(['run', RENEW, '-e', 'renew_before=all']);
    expect(exitCode).toBe(0);
    expect(serialsNow()).not.toEqual(serials);
    const [, words = ''] = /to undo it: kplay (.*)$/m.exec(stdout) ?? [];
    wayBack = words.split(' ').filter((word) => word !== '-i' && word !== fleet.inventoryFile);
    expect(wayBack).toEqual(['rollback', '--backup', expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{4}$/)]);
    renewed = fleet.hosts.map((host) => contents(host.snapshot()));
  });

  it('are shown the plan, and stay as they are unless somebody says yes', async () => {
    const refused = await kplay([...wayBack, '--confirm']);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('--confirm needs a terminal to ask on');
    const { exitCode, stdout, stderr } = await kplay([...wayBack, '--confirm'], { types: ['n'] });
    expect(stdout).toMatch(/in planned order: API and etcd are healthy on 3 of 3 masters\./);
    expect(stderr).toContain('Apply this plan?');
    expect(exitCode).toBe(3);
    expect(fleet.hosts.map((host) => contents(host.snapshot()))).toEqual(renewed);
  });

  it('are shown with -C which backup that is, and it is the one of the command that does it', async () => {
    const { stdout } = await kplay(['rollback', '-C']);
    expect(stdout).toMatch(new RegExp(`Next: kplay rollback -i \\S+ --backup ${wayBack.at(-1)}$`, 'm'));
  });

  it('are shown with -D what changes in manifests', async () => {
    const path = join(fleet.hosts[0]?.root ?? '', 'etc/kubernetes/manifests/kube-scheduler.yaml');
    const text = readFileSync(path, 'utf8');
    site.write(path, `${text}# changed by hand\n`);
    const words = [...wayBack, '-C', '-l', 'prod-m1'];
    const [without, shown] = [await kplay(words), await kplay([...words, '-D'])];
    site.write(path, text);
    expect(without.stdout).not.toContain('changed by hand');
    expect(shown.stdout).toMatch(/^ *-# changed by hand$/m);
  });

  it('are put back one master at a time, and the cluster is proven', async () => {
    const ran = fleet.hosts.map(kubeletPid);
    const { exitCode, stdout } = await kplay([...wayBack]);
    expect(stdout).toMatch(/One after another: prod-m1, prod-m2, prod-m3\./);
    expect(stdout).toMatch(/^prod-m3 : ok=4 {2}changed=3 {2}unreachable=0 {2}failed=0/m);
    expect(stdout).toMatch(/certificates restored on 3 hosts, to expire /);
    expect(exitCode).toBe(0);
    expect(serialsNow()).toEqual(serials);
    for (const host of fleet.hosts) expect(await runningComponents(host)).toHaveLength(4);
    // It would go on with the certificate that was taken from it.
    expect(fleet.hosts.map(kubeletPid).filter((pid, index) => pid === ran[index])).toEqual([]);
  });

  it('can have that taken back in turn, which a second rollback to the latest backup does not do', async () => {
    const restored = fleet.hosts.map((host) => contents(host.snapshot()));
    const { exitCode, stdout } = await kplay(['rollback']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing changed.');
    expect(fleet.hosts.map((host) => contents(host.snapshot()))).toEqual(restored);
  });

  it('have nothing to put back a second time', async () => {
    const { exitCode, stdout } = await kplay([...wayBack]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing changed.');
  });

  it('are not given a variable twice', async () => {
    const { exitCode, stderr } = await kplay([...wayBack, '-e', 'backup=latest']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('backup is given twice, with -e and with --backup');
  });
});

describe.sequential('what has expired and is put back nevertheless', () => {
  it('is not served by the first master, the others stay as they were, and the next command is one that helps', async () => {
    const old = await site.fleet({ masters: 3, stateOf: () => ({ all: { condition: 'expired' } }) });
    const of = (words: readonly string[]) => site.controller.run([...words, '-i', old.inventoryFile]);
    expect((await of(['run', RENEW])).exitCode).toBe(0);
    const now = old.hosts.map(({ root }) => readLeaf(root, 'apiserver')?.serialNumber);
    const { exitCode, stdout } = await of(['rollback', '--even-expired']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: expect.stringContaining('expired') });
    const after = old.hosts.map(({ root }) => readLeaf(root, 'apiserver')?.serialNumber);
    expect(after.map((serial, index) => serial === now[index])).toEqual([false, true, true]);
    expect(stdout).toMatch(/Next: kplay run renew-certs\.yml -i \S+\n +to undo it: kplay rollback /);
    expect(stdout).not.toMatch(/Next: .*--even-expired/);
  });

  it.each(['key-mismatch', 'foreign'] as const)(
    'is not waited for, if it cannot be used for another reason (%s), and said to be what it is',
    async (condition) => {
      const broken = await site.fleet({ stateOf: () => ({ leaves: { 'apiserver-etcd-client': { condition } } }) });
      const of = (words: readonly string[]) => site.controller.run([...words, '-i', broken.inventoryFile]);
      expect((await of(['run', RENEW])).exitCode).toBe(0);
      const { exitCode, stdout } = await of(['rollback', '--even-expired']);
      expect({ exitCode, stdout }).toEqual({
        exitCode: 2,
        stdout: expect.stringContaining('apiserver-etcd-client cannot be used'),
      });
      expect(stdout).toMatch(/Next: kplay run renew-certs\.yml -i /);
    },
  );
});

describe.sequential('a rollback that fails half-way', () => {
  it('puts back what it has replaced, and says so', async () => {
    const [host] = fleet.hosts;
    if (!host) throw new Error('a fleet without a host');
    const only = ['-l', host.name];
    expect((await kplay(['run', RENEW, '-e', 'renew_before=all', ...only])).exitCode).toBe(0);
    const renewed = readLeaf(host.root, 'apiserver')?.serialNumber;
    const shipped = readFileSync(new URL('../../playbooks/rollback.yml', import.meta.url), 'utf8');
    const failing = shipped.replace('    - name: Verify the cluster\n', '    - name: Fail\n      command: "false"\n$&');
    expect(failing).not.toBe(shipped);
    // The backup has it, and the host has lost it since: what the rollback brings back goes with it.
    const lost = join(host.root, 'etc/kubernetes/pki/etcd/healthcheck-client.crt');
    rmSync(lost);
    const { exitCode, stdout } = await kplay(['run', site.controller.file('failing.yml', failing), ...only]);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(new RegExp(`^State: ${host.name} restored`, 'm'));
    expect(readLeaf(host.root, 'apiserver')?.serialNumber).toBe(renewed);
    expect(existsSync(lost)).toBe(false);
    expect(await runningComponents(host)).toHaveLength(4);
  });
});

describe.sequential('a renewal that has failed and put its host back, and is run again', () => {
  it('names the backup of the first, which it uses, as the way back', async () => {
    const one = await site.fleet({ clusterName: 'again', masters: 1 });
    const [host] = one.hosts;
    if (!host) throw new Error('a fleet without a host');
    const run = (...words: readonly string[]) => site.controller.run([...words, '-i', one.inventoryFile]);
    const serial = () => readLeaf(host.root, 'apiserver')?.serialNumber;
    const before = serial();
    const shipped = readFileSync(new URL('../../playbooks/renew-certs.yml', import.meta.url), 'utf8');
    const failing = shipped.replace(/^ +- name: Verify the cluster\n/m, '    - name: Fail\n      command: "false"\n$&');
    expect(failing).not.toBe(shipped);
    const file = site.controller.file('failing-renewal.yml', failing);
    const failed = await run('run', file, '-e', 'renew_before=300d');
    expect(failed.stdout).toMatch(new RegExp(`^State: ${host.name} restored`, 'm'));
    expect(serial()).toBe(before);
    const { exitCode, stdout } = await run('run', RENEW, '-e', 'renew_before=300d');
    expect(exitCode).toBe(0);
    expect(serial()).not.toBe(before);
    const [, used = ''] = /backup (\S+) contains everything that will change/.exec(stdout) ?? [];
    expect(used).not.toBe('');
    // So that a run which goes on with this one leads back to it as well.
    expect(readFileSync(site.controller.journals.at(-1) ?? '', 'utf8')).toContain(`"backup":"${used}"`);
    expect(stdout).toContain(`to undo it: kplay rollback -i ${one.inventoryFile} --backup ${used}\n`);
    expect((await run('rollback', '--backup', used)).exitCode).toBe(0);
    expect(serial()).toBe(before);
  });
});

const REPLACE_SERVING = `
- hosts: all
  tasks:
    - certs.backup: { renew_before: all }
    - kubelet.regenerate: { renew_before: all }
`;
const RESTART = `
- hosts: all
  tasks:
    - control_plane.restart: { timeout: 30s }
`;

describe.sequential('a kubelet that was made to replace its serving certificate', () => {
  it('serves the old one again after a rollback, and that is proven', needing('openssl'), async () => {
    const one = await site.fleet({ clusterName: 'serving', masters: 1 });
    const [host] = one.hosts;
    if (!host) throw new Error('a fleet without a host');
    const run = (...words: readonly string[]) => site.controller.run([...words, '-i', one.inventoryFile]);
    const onDisk = () => fingerprintOf(host.read('/var/lib/kubelet/pki/kubelet.crt'));
    const served = () => servedFingerprint(host.localPort('127.0.0.1', 10_250) ?? 0);
    const old = await onDisk();
    expect((await run('run', site.controller.file('replace.yml', REPLACE_SERVING))).exitCode).toBe(0);
    expect(await served()).not.toBe(old);
    const replaced = ['crt', 'key']
      .map((end) => join(host.root, `/var/lib/kubelet/pki/kubelet.${end}`))
      .map((path) => ({ path, content: readFileSync(path) }));
    // The kubelet that the rollback starts must be younger than this pair: the time in the pair's name is in whole seconds.
    const madeBefore = Date.now();
    await vi.waitUntil(() => Date.now() > madeBefore + 4_000, { timeout: 30_000 });
    const { exitCode, stdout } = await run('rollback');
    expect(exitCode).toBe(0);
    expect([await onDisk(), await served()], stdout).toEqual([old, old]);
    expect(stdout).toContain('kubelet (10250) serves what is on disk');
    expect((await run('rollback')).stdout).toContain('Nothing changed.');

    // No process is ever younger than a file from the future: that is known by what the port serves.
    const nextHour = Date.now() / 1_000 + 3_600;
    for (const { path, content } of replaced) {
      writeFileSync(path, content);
      utimesSync(path, nextHour, nextHour);
    }
    expect((await run('run', site.controller.file('restart.yml', RESTART))).exitCode).toBe(0);
    expect(await served()).not.toBe(old);
    expect(await served()).toBe(await onDisk());
  });
});
