import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { type Snapshot, snapshotDifference } from '../../src/simulation/snapshot.ts';
import { AUTHORITY_PATHS } from '../simulation/support/credentials.ts';
import type { Ended } from './support/controller.ts';
import { eventsIn } from './support/event-stream.ts';
import { daysLeft, expectRenewed, runningComponents } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let site: Site;
let fleet: Fleet;
let host: EmbeddedHost;
/** How the host was in the beginning. */
let before: Snapshot;
let secondRun: Snapshot;

beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ clusterName: 'prod', stateOf: () => ({ all: { condition: 'expired' } }) });
  [host] = fleet.hosts as readonly [EmbeddedHost];
  before = host.snapshot();
});
afterAll(() => site.close());

const kplay = (...words: readonly string[]): Promise<Ended> =>
  site.controller.run([...words, '-i', fleet.inventoryFile]);

/** Where plans are saved. */
const planFile = (name: string): string => join(site.controller.directory, `${name}.kplan`);

function changedFiles(since: Snapshot): readonly string[] {
  return [...snapshotDifference(since, host.snapshot()).keys()].filter((path) => !path.startsWith('/run'));
}

// One master on which everything has expired, from the first look to the last: each test goes on where the one before ended.
describe.sequential('a master on which everything has expired', () => {
  it('is looked at by check', async () => {
    const { exitCode, stdout, stderr } = await kplay('check');
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/ warning: prod-m1: kubelet's serving certificate: .*expired/m);
    const rows = stdout.split('\n');
    expect(rows[0]).toBe('inventory · 1 host · 13 certificates · 12 expired, 1 expired (self-signed)');
    expect(rows[3]).toMatch(/^HOST +CERTIFICATE +EXPIRES +LEFT +ON DISK +SERVED +SIGNED BY$/);
    expect(rows[4]).toMatch(/^prod-m1 +apiserver +\d{4}-\d\d-\d\d \d\d:\d\d +-\d+d +expired +expired +ca$/);
    expect(stdout).toMatch(/^CAs: ca .* · etcd-ca .* · front-proxy-ca .*$/m);
    expect(stdout).toMatch(/\n\nNext: kplay plan renew-certs\.yml -i .*inventory\.yml\n$/);
  });

  it('is told more of by check -o wide', async () => {
    const { stdout } = await kplay('check', '-o', 'wide');
    expect(stdout).toContain('/etc/kubernetes/pki/apiserver.crt');
    expect(stdout).toContain('kubernetes.default.svc.cluster.local');
  });

  it('is told to programs by check -o json', async () => {
    const { stdout, exitCode } = await kplay('check', '-o', 'json');
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ version: 1, unreachable: [], hosts: [{ host: 'prod-m1' }] });
    expect(found.hosts[0].certificates).toHaveLength(13);
    expect(found.hosts[0].certificates[0]).toMatchObject({ name: 'apiserver', condition: 'expired', due: true });
    expect(found.hosts[0].authorities.map(({ name }: { name: string }) => name)).toEqual([
      'ca',
      'etcd-ca',
      'front-proxy-ca',
    ]);
    expect(exitCode).toBe(0);
  });

  it('is planned, and saved, without a byte being written on it', async () => {
    const { exitCode, stdout } = await kplay('plan', RENEW, '--out', planFile('prod'), '--detailed-exitcode');
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/in recovery order: etcd's certificates have expired on the only master/);
    expect(stdout).toMatch(/certs\.backup +\+ \/var\/backups\/kplay\/\d{8}T\d{6}Z-[0-9a-f]{4} +27 files/);
    expect(stdout).toContain('1 host to change, 0 unchanged, 0 refused.');
    expect((await kplay('plan', RENEW)).exitCode).toBe(0);
    const backup = site.controller.file('backup.yml', '- hosts: all\n  tasks:\n    - certs.backup: {}\n');
    expect((await kplay('plan', backup)).stdout).toContain('0 refused.\n\nNothing was written.');
    expect((await kplay('run', RENEW, '--check')).stdout).toContain('1 host to change');
    expect(changedFiles(before)).toEqual([]);
    expect(site.controller.journals).toEqual([]);
    expect(statSync(planFile('prod')).mode & 0o777).toBe(0o600);
  });

  it('is not touched by a saved plan when it has changed since the plan was made', async () => {
    const manifest = host.read('/etc/kubernetes/admin.conf');
    const path = join(host.root, 'etc/kubernetes/admin.conf');
    site.write(path, '');
    const changed = host.snapshot();
    const { exitCode, stdout } = await site.controller.run(['apply', planFile('prod')]);
    site.write(path, manifest);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/refused: prod-m1: the host has changed since the plan was made/);
    expect(stdout).toMatch(/Update kubeconfigs: (planned|now)/);
    expect(stdout).toContain('a saved plan has to be made anew: kplay plan … --out FILE');
    expect([...snapshotDifference(changed, host.snapshot()).keys()]).toEqual(['/etc/kubernetes/admin.conf']);
  });

  it('is renewed by the saved plan, with its own kubeadm', async () => {
    const { exitCode, stdout, stderr } = await site.controller.run(['apply', planFile('prod')]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^prod-m1 : ok=8 {2}changed=6 {2}unreachable=0 {2}failed=0 {2}skipped=0/m);
    expect(stdout).toMatch(/^12 certificates renewed on 1 host: \d{4}-\d\d-\d\d → \d{4}-\d\d-\d\d\./m);
    // What it has saved has expired: nobody is told to put that back.
    expect(stdout).not.toContain('rollback');
    await expectRenewed(fleet);
    expect(changedFiles(before).filter((path) => AUTHORITY_PATHS.includes(path))).toEqual([]);
    secondRun = host.snapshot();
  });

  it('is not changed by the saved plan again', async () => {
    const { exitCode, stdout } = await site.controller.run(['apply', planFile('prod')]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/refused: prod-m1: the host has changed since the plan was made/);
    expect(changedFiles(secondRun)).toEqual([]);
  });

  it('is not changed by a second run either', async () => {
    const { exitCode, stdout } = await kplay('run', RENEW);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^prod-m1 : ok=8 {2}changed=0/m);
    expect(stdout).toMatch(/^Nothing changed\./m);
    expect((await kplay('plan', RENEW, '--detailed-exitcode')).exitCode).toBe(0);
    expect((await kplay('check')).stdout).toMatch(/· 13 certificates · 1 expired \(self-signed\)\n/);
    expect(changedFiles(secondRun)).toEqual([]);
  });

  it('has a backup, which is listed', async () => {
    const { exitCode, stdout } = await kplay('rollback', '--list');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[1]).toMatch(/^prod-m1 +\d{8}T\d{6}Z-[0-9a-f]{4} +\d{4}-\d\d-\d\d \d\d:\d\d +27 +whole/);
    const listed = JSON.parse((await kplay('rollback', '--list', '-o', 'json')).stdout);
    expect(listed).toMatchObject([{ host: 'prod-m1', files: 27, damaged: 0 }]);
    expect(changedFiles(secondRun)).toEqual([]);
  });

  it('refuses a backup that it does not have', async () => {
    const { exitCode, stdout } = await kplay('rollback', '--backup', '20200101T000000Z-0000');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('there is no backup 20200101T000000Z-0000 in /var/backups/kplay');
    expect(stdout).toMatch(/there are: \d{8}T\d{6}Z-[0-9a-f]{4}/);
    expect(changedFiles(secondRun)).toEqual([]);
  });

  it('is not put back by rollback, for what would come back has expired', async () => {
    const { exitCode, stdout } = await kplay('rollback');
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/refused: backup \S+ holds 12 certificates that have expired\n/);
    expect(stdout).toMatch(/apiserver +expired \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(stdout).toMatch(/\n +etcd-server +expired .*\n +… +7 more\n/);
    expect(stdout).toMatch(/What to do: .*\brepeat this command with --even-expired/);
    expect(changedFiles(secondRun)).toEqual([]);
  });

  it('is told which commands help, with the options that were given: others would be of other hosts and backups', async () => {
    const listed = await kplay('rollback', '--list', '-o', 'json');
    const [{ id }] = JSON.parse(listed.stdout);
    const { exitCode, stdout } = await kplay('rollback', '-l', 'prod-m1', '--backup', id, '-C');
    expect(exitCode).toBe(3);
    const [renewal, nevertheless] = /^Next: (.*)\n +to restore them anyway: (.*)$/m.exec(stdout)?.slice(1) ?? [];
    expect(renewal).toMatch(/^kplay run renew-certs\.yml -i \S+ -l prod-m1\b/);
    for (const words of [/ -i \S+/, / -l prod-m1\b/, new RegExp(` --backup ${id}\\b`), / --even-expired\b/, / -C\b/])
      expect(nevertheless).toMatch(words);
  });

  it('is shown what rollback would do, even so', async () => {
    const { exitCode, stdout } = await kplay('rollback', '--even-expired', '-C');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/certs\.restore +~ apiserver, .* and 7 more +expires \d{4}-\d\d-\d\d → \d{4}-\d\d-\d\d/);
    expect(stdout).toMatch(/control_plane\.restart +! [^~]*! kube-apiserver +serves another certificate/);
    expect(stdout).toMatch(/contains expired certificates \(apiserver, .*what reads them cannot serve/);
    expect(stdout).toMatch(/Next: kplay rollback -i \S+ (?=.*--even-expired)(?=.*--backup \d{8}T).*$/m);
    expect(changedFiles(secondRun)).toEqual([]);
  });

  it('is put back byte for byte when that is wanted, and its exit code says that the cluster is down', async () => {
    const { exitCode, stdout } = await kplay('rollback', '--even-expired');
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^prod-m1 : ok=3 {2}changed=3 {2}unreachable=0 {2}failed=1/m);
    expect(stdout).toMatch(/Verify the cluster.* apiserver, .* have expired/);
    expect(stdout).toMatch(/^12 certificates restored on 1 host, to expire \d{4}-\d\d-\d\d\./m);
    const different = [...snapshotDifference(before, host.snapshot())].filter(
      ([path, what]) =>
        /^\/(etc|root|var\/lib)\/(?!.*kplay-aside)/.test(path) && what.some((aspect) => aspect !== 'time'),
    );
    // A file that kubelet points to by a link is put back under a name of its own.
    expect(different.filter(([path]) => !path.startsWith('/var/lib/kubelet/pki/'))).toEqual([]);
    expect(daysLeft(host, 'kubelet-client')).toBeLessThan(0);
    expect(daysLeft(host, 'apiserver')).toBeLessThan(0);
  });

  it('is renewed again, this time signed by kplay, and told to programs line by line', async () => {
    const { exitCode, stdout, stderr } = await kplay('run', RENEW, '-e', 'method=native', '-o', 'json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const events = eventsIn(stdout);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['play-planned', 'batch-started', 'stage-started', 'stage-finished', 'task-progress']),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'run-finished',
      exitCode: 0,
      // The first run's backup still holds all that changes.
      hosts: [{ host: 'prod-m1', changed: 6 }],
    });
    await expectRenewed(fleet);
    expect(await runningComponents(host)).toHaveLength(4);
  });

  it('left a journal of each run that changed something, for its owner alone', () => {
    const types = site.controller.journals.map((path) => {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
      return site.controller.journal(path).map(({ type }) => type);
    });
    const whole = types.filter((list) => list.includes('intent'));
    expect(whole).toHaveLength(3);
    for (const list of whole) expect([list[0], list.at(-1)]).toEqual(['start', 'end']);
  });

  it('left evidence of its renewal: serials before and after, where they are served, and the backup', async () => {
    const list = JSON.parse((await site.controller.run(['history', '-o', 'json'])).stdout);
    const first = list.findLast(({ result }: { result: string }) => result === 'changed');
    expect(first).toMatchObject({ command: 'apply', hosts: [{ host: 'prod-m1', state: 'changed', well: true }] });
    const shown = JSON.parse((await site.controller.run(['show', first.run, '-o', 'json'])).stdout);
    const { certificates, backups } = shown.evidence;
    expect(backups).toEqual([{ host: 'prod-m1', backup: expect.any(String), directory: '/var/backups/kplay' }]);
    expect(certificates).toHaveLength(12);
    for (const one of certificates) {
      expect(one).toMatchObject({ host: 'prod-m1', serial: expect.any(String), replaced: expect.any(String) });
      expect(one.serial).not.toBe(one.replaced);
    }
    const served = Object.fromEntries(
      certificates.map((one: { name: string; served: number[] }) => [one.name, one.served]),
    );
    expect(served).toMatchObject({ apiserver: [6443], 'etcd-server': [2379], 'etcd-peer': [2380] });
    const { stdout } = await site.controller.run(['show', first.run]);
    expect(stdout).toMatch(/^prod-m1 +apiserver +\S+ +\S+ +\d{4}-\d\d-\d\d +\d+$/m);
    expect(stdout).toMatch(/^12 certificates renewed on 1 host/m);
  });

  it('kept its secrets', () => {
    expect(site.leaks()).toEqual([]);
    expect(site.knownSecrets).toBeGreaterThan(50);
  });
});

describe('a master whose manifests an interrupted restart has left out of sight', () => {
  it('gets them back, and is renewed', async () => {
    const { hosts, inventoryFile } = await site.fleet({ stateOf: () => ({ all: { condition: 'expired' } }) });
    const [master] = hosts as readonly [EmbeddedHost];
    const manifests = '/etc/kubernetes/manifests';
    const parked = `${master.root}/etc/kubernetes/.kplay-aside${manifests}`;
    mkdirSync(parked, { recursive: true });
    const names = ['etcd.yaml', 'kube-scheduler.yaml'];
    for (const name of names) renameSync(`${master.root}${manifests}/${name}`, `${parked}/${name}`);
    const { exitCode, stderr } = await site.controller.run(['run', RENEW, '-i', inventoryFile]);
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('failed')]);
    for (const name of names) expect(master.read(`${manifests}/${name}`)).toContain('kind: Pod');
    expect(await runningComponents(master)).toHaveLength(4);
  });
});
