import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer } from '../../src/facts/answer.ts';
import { clientAnswer } from '../../src/facts/api/client-answer.ts';
import { nodes } from '../../src/facts/api/nodes.ts';
import { served } from '../../src/facts/certificates/served.ts';
import { processes } from '../../src/facts/processes/processes.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { needing } from '../support/programs.ts';
import { Bench } from './support/bench.ts';
import { applyFleet } from './support/engine.ts';
import { serialOf, servedSerial } from './support/openssl.ts';
import { ask, runOn } from './support/sessions.ts';
import { until } from './support/until.ts';

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

const ETCD_HEALTH = answer({ kind: 'http', address: '127.0.0.1', port: 2381, path: '/health' });
const READYZ = answer({ kind: 'https', address: '127.0.0.1', port: 6443, path: '/readyz' });
const SCHEDULER = answer({ kind: 'https', address: '127.0.0.1', port: 10_259, path: '/healthz' });

async function componentsOf(fleet: Fleet): Promise<readonly string[]> {
  return (await ask(fleet, processes)).processes.map(({ component }) => component).sort();
}

describe('a master on which everything has expired', () => {
  it('still runs its pods, but nothing accepts anything, and kubelet is gone', async () => {
    const fleet = await bench.fleet({ stateOf: () => ({ all: { condition: 'expired' } }) });
    expect(await componentsOf(fleet)).toEqual(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']);
    expect(await ask(fleet, ETCD_HEALTH)).toMatchObject({
      status: 503,
      text: expect.stringContaining('"health":"false"'),
    });
    expect(await ask(fleet, READYZ)).toMatchObject({ status: 500, text: expect.stringContaining('[-]etcd failed') });
    expect(await ask(fleet, SCHEDULER)).toMatchObject({ status: 500, text: expect.stringContaining('expired') });
    expect(await ask(fleet, served('127.0.0.1', 6443))).toMatchObject({ state: 'serving' });
    expect(await ask(fleet, nodes)).toMatchObject({
      state: 'no answer',
      reason: expect.stringContaining('certificate has expired or is not yet valid'),
    });
    expect((await runOn(fleet, '"$(tool systemctl)" is-active kubelet')).stdout).toBe('activating\n');
  });

  it('starts nothing after a reboot', async () => {
    const fleet = await bench.fleet({ stateOf: () => ({ all: { condition: 'expired' }, rebooted: true }) });
    expect(await componentsOf(fleet)).toEqual([]);
    expect(await ask(fleet, ETCD_HEALTH)).toMatchObject({ status: undefined });
  });

  it('is revived by new certificates and restarts', { timeout: 120_000 }, async () => {
    const fleet = await bench.fleet({ stateOf: () => ({ all: { condition: 'expired' }, rebooted: true }) });
    const { result } = await applyFleet(fleet.inventoryFile, { method: 'native' });
    expect(result.failed).toEqual([]);
    expect(await componentsOf(fleet)).toHaveLength(5);
    expect(await ask(fleet, ETCD_HEALTH)).toMatchObject({
      status: 200,
      text: expect.stringContaining('"health":"true"'),
    });
    expect(await ask(fleet, READYZ)).toEqual({ status: 200, text: 'ok' });
    expect(await ask(fleet, nodes)).toMatchObject({
      state: 'answered',
      nodes: [{ name: 'demo-m1', ready: true }],
    });
  });
});

describe('a client whose certificate has expired', () => {
  it('is rejected by an API server that is well', async () => {
    const fleet = await bench.fleet({ stateOf: () => ({ leaves: { 'admin.conf': { condition: 'expired' } } }) });
    expect(await ask(fleet, clientAnswer('/etc/kubernetes/admin.conf'))).toEqual({
      state: 'rejected',
      reason: 'error: You must be logged in to the server (Unauthorized)',
    });
    expect(await ask(fleet, clientAnswer('/etc/kubernetes/super-admin.conf'))).toEqual({ state: 'accepted' });
    expect(await ask(fleet, clientAnswer('/etc/kubernetes/kubelet.conf'))).toEqual({ state: 'accepted' });
  });
});

describe('a renewed certificate', () => {
  it('is served when its pod was restarted, and not before', needing('openssl'), async () => {
    const fleet = await bench.fleet({ stateOf: () => ({ leaves: { apiserver: { condition: 'not-loaded' } } }) });
    const [host] = fleet.hosts;
    const onDisk = await serialOf(host?.read('/etc/kubernetes/pki/apiserver.crt') ?? '');
    const port = () => host?.localPort('127.0.0.1', 6443);
    expect(await servedSerial(port())).not.toBe(onDisk);
    const [before] = (await ask(fleet, processes)).processes.filter(({ component }) => component === 'kube-apiserver');

    const manifest = '"$R"/etc/kubernetes/manifests/kube-apiserver.yaml';
    await runOn(fleet, `mv ${manifest} "$R"/tmp/manifest; while [ -e "$R"/proc/${before?.pid} ]; do sleep 0.1; done`);
    expect(port()).toBeUndefined();
    await runOn(fleet, `mv "$R"/tmp/manifest ${manifest}`);
    await until(() => port() !== undefined);
    expect(await servedSerial(port())).toBe(onDisk);
    const [after] = (await ask(fleet, processes)).processes.filter(({ component }) => component === 'kube-apiserver');
    expect(after?.identity).not.toEqual(before?.identity);
    expect(after?.startedAt).toBeGreaterThan((before?.startedAt ?? 0) + 86_400);
  });
});

describe('a kubelet', () => {
  it('holds back a pod that crashes, and starts it when the file is whole again', async () => {
    const fleet = await bench.fleet({
      stateOf: () => ({ leaves: { 'front-proxy-client': { condition: 'key-mismatch' } }, podsStarted: 'after' }),
    });
    expect(await componentsOf(fleet)).toEqual(['etcd', 'kube-controller-manager', 'kube-scheduler', 'kubelet']);
    const pki = '"$R"/etc/kubernetes/pki';
    for (const suffix of ['crt', 'key']) {
      await runOn(fleet, `cp ${pki}/apiserver-kubelet-client.${suffix} ${pki}/front-proxy-client.${suffix}`);
    }
    await until(async () => (await componentsOf(fleet)).includes('kube-apiserver'));
  });

  it('leaves its pods running when it is stopped, and ignores manifests until it is started', async () => {
    const fleet = await bench.fleet();
    const manifests = '"$R"/etc/kubernetes/manifests';
    await runOn(fleet, `"$(tool systemctl)" stop kubelet; mv ${manifests}/kube-scheduler.yaml "$R"/tmp`);
    expect(await componentsOf(fleet)).toEqual(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']);
    expect(await ask(fleet, nodes)).toMatchObject({ nodes: [{ status: 'NotReady' }] });
    await runOn(fleet, '"$(tool systemctl)" start kubelet');
    await until(async () => !(await componentsOf(fleet)).includes('kube-scheduler'));
  });
});

describe('etcd of three masters', () => {
  it('is well while two of them accept each other', async () => {
    const fleet = await bench.fleet({
      masters: 3,
      stateOf: (index) => (index === 2 ? { all: { condition: 'expired' } } : {}),
    });
    expect(await ask(fleet, ETCD_HEALTH)).toMatchObject({ status: 200 });
    await fleet.hosts[1]?.powerOff();
    expect(await ask(fleet, ETCD_HEALTH)).toMatchObject({ status: 503 });
    expect(await ask(fleet, READYZ)).toMatchObject({ status: 500 });
  });
});
