import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { serviceState } from '../../src/facts/processes/service-state.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import { type Snapshot, snapshotDifference } from '../../src/simulation/snapshot.ts';
import { ask, runOn } from '../simulation/support/sessions.ts';
import { canFixFiles, succeeds } from '../support/abilities.ts';
import { leftovers } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const CONF = '/etc/kubernetes/kubelet.conf';
const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';
/** Of somebody who is about to join the host again, or has. */
const EARLIER = '# mine\napiVersion: v1\nkind: Config\n';
const ASIDE_CONF = `/etc/kubernetes/.kplay-aside${CONF}`;
const BACKUPS = '/var/backups';

/** What is on a disk, without the backups that are kept. */
function withoutBackups(snapshot: Snapshot): Snapshot {
  return new Map([...snapshot].filter(([path]) => !path.startsWith(BACKUPS) && path !== '/var'));
}

describe('a kubelet that cannot ask the API for its certificate', () => {
  it('is put back as it was, with an earlier bootstrap-kubelet.conf; the token is gone and was never shown, and the same command completes later', async () => {
    const fleet = await site.fleet({ workers: 1, workerStateOf: () => ({ all: { condition: 'expired' } }) });
    const worker = fleet.hosts.find(({ profile }) => profile.role === 'worker');
    if (!worker) throw new Error('the fleet has no worker');
    const renewal = readFileSync(RENEW, 'utf8');
    const hasty = renewal.replace('kubelet.bootstrap: {}', 'kubelet.bootstrap: { timeout: 2s }');
    const playbook = site.controller.file('renew.yml', hasty);
    const run = (onOutput: (text: string) => void = () => {}) =>
      site.controller.run(
        [
          'run',
          playbook,
          '-i',
          fleet.inventoryFile,
          '-e',
          'worker_kubelets=bootstrap',
          '-e',
          'method=native',
          '-o',
          'json',
        ],
        { onOutput },
      );

    const conf = worker.read(CONF);
    site.write(`${worker.root}${CONF}`, conf.replace(':6443', ':6444'));
    site.write(`${worker.root}${BOOTSTRAP_CONF}`, EARLIER);
    const before = worker.snapshot();
    let token = '';
    const { exitCode, stdout } = await run(() => {
      if (!worker.snapshot().has(BOOTSTRAP_CONF) || token !== '') return;
      token = /token: (\S+)/.exec(worker.read(BOOTSTRAP_CONF))?.[1] ?? '';
      site.noteSecrets();
    });
    expect(exitCode).toBe(2);
    expect(stdout).toContain('timed out after 2.0s waiting for ');
    expect(stdout).toContain(`${BOOTSTRAP_CONF} is replaced meanwhile, and put back`);
    const difference = snapshotDifference(withoutBackups(before), withoutBackups(worker.snapshot()));
    expect([...difference].filter(([, kinds]) => kinds.some((kind) => kind !== 'time'))).toEqual([]);

    expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    const [id] = token.split('.');
    const deleting = await runOn(fleet, `"$(tool kubeadm)" token delete ${id}`);
    expect(deleting.stderr).toContain(`secrets \\"bootstrap-token-${id}\\" not found`);
    expect(site.leaks()).toEqual([]);

    site.write(`${worker.root}${CONF}`, conf);
    site.controller.file('renew.yml', renewal);
    expect((await run()).exitCode).toBe(0);
    expect(worker.read(BOOTSTRAP_CONF)).toBe(EARLIER);
    expect(worker.kubelet.isReady).toBe(true);
    expect(site.leaks()).toEqual([]);
  });
});

describe.skipIf(!canFixFiles)('a worker whose kubelet.conf could not be put back (needs chattr)', () => {
  it.each([
    ['files', 'bootstrap'],
    ['embedded', 'signed'],
  ] as const)('is still one, and gets it back with its certificate: %s, then %s', async (kubeletConf, next) => {
    const workerStateOf = () => ({ all: { condition: 'expired' }, kubeletConf }) as const;
    const fleet = await site.fleet({ workers: 1, workerStateOf });
    const worker = fleet.hosts.find(({ profile }) => profile.role === 'worker');
    if (!worker) throw new Error('the fleet has no worker');
    const places = ['/etc/kubernetes', '/var/lib/kubelet/pki'].map((path) => `${worker.root}${path}`);
    onTestFinished(() => void succeeds('chattr', '-i', ...places));
    const run = (playbook: string, how: string) =>
      site.controller.run([
        'run',
        playbook,
        '-i',
        fleet.inventoryFile,
        '-e',
        `worker_kubelets=${how}`,
        '-e',
        'method=native',
      ]);
    const has = (path: string) => worker.snapshot().has(path);

    const lock = setInterval(() => {
      if (!has(ASIDE_CONF)) return;
      clearInterval(lock);
      succeeds('chattr', '+i', ...places);
    }, 2);
    const hasty = readFileSync(RENEW, 'utf8').replace('kubelet.bootstrap: {}', 'kubelet.bootstrap: { timeout: 2s }');
    expect((await run(site.controller.file('renew.yml', hasty), 'bootstrap')).exitCode).toBe(2);
    await vi.waitFor(() => expect(has('/var/lib/kplay/when-lost.failed')).toBe(true), 60_000);
    succeeds('chattr', '-i', ...places);
    expect([has(ASIDE_CONF), has(CONF), has(BOOTSTRAP_CONF)]).toEqual([true, false, true]);

    const doctor = await site.controller.run(['doctor', '-i', fleet.inventoryFile, '-o', 'json']);
    expect(doctor.stdout).toContain(ASIDE_CONF);
    const { stdout, stderr } = await site.controller.run(['check', '-i', fleet.inventoryFile]);
    expect(stdout).toMatch(/kubelet-client .*missing/);
    expect(stderr).toContain(`kubelet.conf is not in its place, but at ${ASIDE_CONF}`);
    const again = await run(RENEW, next);
    expect(again.exitCode, again.stdout).toBe(0);
    expect(worker.kubelet.isReady).toBe(true);
    expect([has(CONF), has(BOOTSTRAP_CONF), ...leftovers(worker)]).toEqual([true, false]);
  });
});

describe('a kubelet that reaches the API through a door of its own', () => {
  it('is started when a master answers, and again when the door opens later than it asks often', async () => {
    const fleet = await site.fleet({
      workers: 1,
      stateOf: () => ({ all: { condition: 'expired' } }),
      workerStateOf: () => ({ all: { condition: 'expired' } }),
    });
    const worker = fleet.hosts.find(({ profile }) => profile.role === 'worker');
    if (!worker) throw new Error('the fleet has no worker');
    const [master] = fleet.hosts as readonly [EmbeddedHost];
    site.write(
      `${worker.root}${CONF}`,
      worker.read(CONF).replace(/https:.*:6443/, `https://${master.profile.address}:6444`),
    );
    const told: string[] = [];
    const { exitCode } = await site.controller.run(['run', RENEW, '-i', fleet.inventoryFile, '-o', 'json'], {
      onOutput: (text) => {
        if (!text.includes(worker.name) || !text.includes('"kubelet: restarting"')) return;
        told.push('started');
        if (told.length > 1) return;
        setTimeout(() => {
          told.push('opened');
          master.forward(6444, 6443);
        }, 3_000);
      },
    });
    expect(exitCode).toBe(0);
    expect(told).toEqual(['started', 'opened', 'started']);
    expect(worker.kubelet.isReady).toBe(true);
  });
});

describe('a kubelet that systemd starts no more, because it has ended too often', () => {
  it.each(['signed', 'bootstrap'])('is started with its new certificate: %s', async (how) => {
    const fleet = await site.fleet({ workers: 1, workerStateOf: () => ({ all: { condition: 'expired' } }) });
    const worker = fleet.hosts.find(({ profile }) => profile.role === 'worker');
    if (!worker) throw new Error('the fleet has no worker');
    await worker.kubelet.limitStarts();
    expect(await ask(fleet, serviceState('kubelet'), worker)).toMatchObject({ exists: true, running: false });
    const words = ['run', RENEW, '-i', fleet.inventoryFile, '-e', `worker_kubelets=${how}`, '-e', 'method=native'];
    expect((await site.controller.run(words)).exitCode).toBe(0);
    expect(worker.kubelet.isReady).toBe(true);
  });
});
