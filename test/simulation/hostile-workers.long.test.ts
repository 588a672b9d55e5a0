import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Identity } from '../../src/pki/identity.ts';
import { generateKey } from '../../src/pki/private-key.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import type { TreeState } from '../../src/simulation/tree-state.ts';
import { needing } from '../support/programs.ts';
import { Bench } from './support/bench.ts';
import { readLeaf } from './support/credentials.ts';
import { applyFleet, planFleet, type Report } from './support/engine.ts';
import { forged } from './support/forgery.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

const EXPIRED = { all: { condition: 'expired' } } as const;
const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';

function hostNamed(fleet: Fleet, name: string): EmbeddedHost {
  const host = fleet.hosts.find((candidate) => candidate.name === name);
  if (!host) throw new Error(`the fleet has no ${name}`);
  return host;
}

function put(host: EmbeddedHost, path: string, content: string): void {
  writeFileSync(join(host.root, path), content);
}

/** As kubelet keeps them: certificate and key in one file. */
async function forgedPair(identity: Identity): Promise<string> {
  const { certificate, key } = await forged(identity);
  return `${certificate}${key}`;
}

/** What a worker has got, as node's own reader sees it. */
function got(worker: EmbeddedHost) {
  const leaf = readLeaf(worker.root, 'kubelet-client');
  return leaf && { subject: leaf.subject, names: leaf.subjectAltName, usages: leaf.keyUsage };
}

/** Why the plan refuses what, with the host. */
function refusals({ plan }: Report): readonly string[] {
  return (plan?.hosts ?? []).flatMap(({ host, tasks }) =>
    tasks.flatMap((task) => (task.action === 'refuse' ? [`${host}: ${task.reason}`] : [])),
  );
}

const NODE_ONLY = { names: undefined, usages: ['1.3.6.1.5.5.7.3.2'] };
const MASTERS: Identity = {
  subject: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
  extendedKeyUsages: ['clientAuth'],
};
const EVERYTHING: Identity = {
  subject: { commonName: 'system:node:demo-w1', organizations: ['system:nodes', 'system:masters'] },
  dnsNames: ['kubernetes', 'kubernetes.default.svc', 'demo-m1'],
  ipAddresses: ['10.96.0.1'],
  extendedKeyUsages: ['serverAuth', 'clientAuth'],
};

describe('a worker that somebody has taken over gets a kubelet certificate of its own node and no other', () => {
  it.each([
    ['by the kubeadm of the master', 'auto'],
    ['by kplay', 'native'],
  ])('%s', async (_what, method) => {
    const fleet = await bench.fleet({ workers: 2 });
    const [first, second] = [hostNamed(fleet, 'demo-w1'), hostNamed(fleet, 'demo-w2')];
    put(first, CURRENT, await forgedPair(EVERYTHING));
    put(
      second,
      CURRENT,
      await forgedPair({ ...MASTERS, subject: { ...MASTERS.subject, commonName: 'system:node:demo-w2' } }),
    );
    const report = await applyFleet(fleet.inventoryFile, { method });
    expect(report.result).toMatchObject({ failed: [], refused: [] });
    expect(got(first)).toEqual({ ...NODE_ONLY, subject: 'O=system:nodes\nCN=system:node:demo-w1' });
    expect(got(second)).toEqual({ ...NODE_ONLY, subject: 'O=system:nodes\nCN=system:node:demo-w2' });
  });

  it.each([
    ['an administrator', MASTERS, 'only the host itself claims that its node is called kubernetes-admin'],
    [
      'a master',
      { ...MASTERS, subject: { ...MASTERS.subject, commonName: 'system:node:demo-m1' } },
      'is the master demo-m1',
    ],
    ['other worker', { ...MASTERS, subject: { ...MASTERS.subject, commonName: 'system:node:demo-w2' } }, 'demo-w2'],
    [
      'a node that nobody knows',
      { ...MASTERS, subject: { ...MASTERS.subject, commonName: 'system:node:x' } },
      'only the host itself',
    ],
  ])('and none at all while it says that it is: %s', async (_what, identity, says) => {
    const fleet = await bench.fleet({ workers: 2 });
    const worker = hostNamed(fleet, 'demo-w1');
    put(worker, CURRENT, await forgedPair(identity));
    const before = worker.read(CURRENT);
    const report = await applyFleet(fleet.inventoryFile, { method: 'native' });
    expect(refusals(report)).toEqual([expect.stringContaining(says)]);
    expect(worker.read(CURRENT)).toBe(before);
  });
});

describe('a worker whose node is called otherwise than the inventory calls it', needing('openssl'), () => {
  async function renamed(fleet: Fleet): Promise<string> {
    const text = readFileSync(fleet.inventoryFile, 'utf8').replaceAll(/^(\s+)demo-w1:/gm, '$1edge:');
    writeFileSync(fleet.inventoryFile, text);
    return fleet.inventoryFile;
  }

  it.each<[what: string, state: TreeState]>([
    ['', EXPIRED],
    [', also where a bootstrap has left both aside', { ...EXPIRED, interrupted: { isBootstrap: true } }],
  ])('is its node when it has the key of an old certificate that the CA has signed%s', async (_what, state) => {
    const fleet = await bench.fleet({ workers: 1, workerStateOf: () => state });
    const worker = hostNamed(fleet, 'demo-w1');
    const report = await applyFleet(await renamed(fleet), { method: 'native' });
    expect(report.result).toMatchObject({ failed: [], refused: [] });
    expect(got(worker)).toEqual({ ...NODE_ONLY, subject: 'O=system:nodes\nCN=system:node:demo-w1' });
    expect(new Date(new X509Certificate(worker.read(CURRENT)).validTo).getTime()).toBeGreaterThan(Date.now());
  });

  it('and is none when it has the certificate alone, which is no secret', async () => {
    const fleet = await bench.fleet({ workers: 1, workerStateOf: () => EXPIRED });
    const worker = hostNamed(fleet, 'demo-w1');
    const [certificate = ''] =
      /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n/.exec(worker.read(CURRENT)) ?? [];
    const { privatePem } = await generateKey('ECDSA-P256');
    put(worker, CURRENT, `${certificate}${privatePem.reveal()}`);
    const report = await planFleet(await renamed(fleet), { method: 'native' });
    expect(refusals(report)).toEqual(['edge: only the host itself claims that its node is called demo-w1']);
  });
});
