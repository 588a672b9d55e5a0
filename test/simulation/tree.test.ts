import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeKubeconfigs } from '../../src/facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { system } from '../../src/facts/host/system.ts';
import type { Condition } from '../../src/kubeadm/certificates/condition.ts';
import { assess } from '../../src/kubeadm/certificates/due.ts';
import type { Credential, KubeadmHost } from '../../src/kubeadm/host/model.ts';
import type { HomeVariant, LeafCondition, TreeState } from '../../src/simulation/tree-state.ts';
import { needing } from '../support/programs.ts';
import { Bench } from './support/bench.ts';
import { openssl } from './support/openssl.ts';
import { ask } from './support/sessions.ts';

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

async function filesOf(state: TreeState): Promise<KubeadmHost> {
  const fleet = await bench.fleet({ stateOf: () => state });
  const files = await ask(fleet, kubernetesFiles);
  await bench.discard(fleet);
  return files;
}

function conditionsOf({ credentials }: KubeadmHost, kind: Credential['kind']): ReadonlySet<Condition> {
  const rule = {
    renewBefore: { all: false, milliseconds: 30 * 86_400_000 } as const,
    now: new Date(),
    extraNames: [],
    renewed: new Set<never>(),
  };
  const own = credentials.filter((credential) => credential.kind === kind && credential.name !== 'kubelet-server');
  return new Set(own.map((credential) => assess(credential, rule).condition));
}

describe('a host whose leaves are', () => {
  it.each<[LeafCondition, Condition]>([
    ['valid', 'good'],
    ['due', 'expiring'],
    ['expired', 'expired'],
    ['not-yet-valid', 'not yet valid'],
    ['missing', 'missing'],
    ['garbage', 'unreadable'],
    ['key-missing', 'key missing'],
    ['key-mismatch', 'key mismatch'],
    ['foreign', 'foreign signer'],
    ['not-loaded', 'good'],
  ])('%s is seen as such by kplay', async (condition, seen) => {
    const files = await filesOf({ all: { condition } });
    for (const kind of ['pair', 'kubeconfig', 'kubelet'] as const) {
      expect([kind, ...conditionsOf(files, kind)]).toEqual([kind, seen]);
    }
  });

  it('empty is seen as unreadable', async () => {
    const files = await filesOf({ all: { condition: 'empty' } });
    expect([...conditionsOf(files, 'pair')]).toEqual(['unreadable']);
  });
});

describe('a healthy host', () => {
  it('is a kubeadm master in every way that kplay looks at', async () => {
    const files = await filesOf({});
    expect(files).toMatchObject({
      role: 'control-plane',
      etcd: 'stacked',
      nodeName: 'demo-m1',
      certificatesDirectory: '/etc/kubernetes/pki',
      otherManifests: [],
      kubelet: { rotatesClientCertificate: true, containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock' },
    });
    expect(files.staticPods.map(({ component, version }) => [component, version])).toEqual(
      expect.arrayContaining([
        ['etcd', '3.5.24'],
        ['kube-apiserver', '1.33.13'],
        ['kube-controller-manager', '1.33.13'],
        ['kube-scheduler', '1.33.13'],
      ]),
    );
    expect(files.authorities.map(({ name, key }) => [name, key])).toEqual([
      ['ca', 'match'],
      ['etcd-ca', 'match'],
      ['front-proxy-ca', 'match'],
    ]);
    expect(files.serviceAccountFiles).toHaveLength(2);
  });

  it('has certificates that openssl accepts', needing('openssl'), async () => {
    const fleet = await bench.fleet();
    const pki = `${fleet.hosts[0]?.root}/etc/kubernetes/pki`;
    for (const [authority, leaf] of [
      ['ca', 'apiserver'],
      ['ca', 'apiserver-kubelet-client'],
      ['etcd/ca', 'etcd/server'],
      ['etcd/ca', 'apiserver-etcd-client'],
      ['front-proxy-ca', 'front-proxy-client'],
    ]) {
      expect(await openssl(['verify', '-CAfile', `${pki}/${authority}.crt`, `${pki}/${leaf}.crt`])).toMatch(/: OK\n$/);
    }
    expect(await openssl(['x509', '-noout', '-ext', 'subjectAltName', '-in', `${pki}/apiserver.crt`])).toContain(
      'DNS:demo-m1, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, DNS:kubernetes.default.svc.cluster.local, IP Address:10.96.0.1, IP Address:10.20.0.11',
    );
  });

  it('can be of another version, with RSA keys', { timeout: 60_000 }, async () => {
    const fleet = await bench.fleet({ kubernetesVersion: 'v1.28.4', keyAlgorithm: 'RSA-2048' });
    const { credentials, staticPods } = await ask(fleet, kubernetesFiles);
    expect(staticPods.map(({ version }) => version)).toContain('1.28.4');
    const admin = credentials.find(({ name }) => name === 'admin.conf')?.holding;
    expect(admin).toMatchObject({ certificate: { key: 'RSA-2048', subject: { organizations: ['system:masters'] } } });
  });
});

describe('a user’s kubeconfig', () => {
  it.each<[HomeVariant, object | undefined]>([
    ['none', undefined],
    ['copy', { users: [{ name: 'kubernetes-admin' }] }],
    ['stale-copy', { users: [{ name: 'kubernetes-admin' }] }],
    ['multi-context', { shape: { contexts: [expect.any(String), 'staging-admin@staging'] } }],
    ['token', { users: [] }],
    ['other-user', { users: [{ name: 'jane' }] }],
  ])('%s is what it is called', async (opsHome, read) => {
    const fleet = await bench.fleet({ stateOf: () => ({ opsHome, rootHome: 'none' }) });
    const homes = await ask(fleet, homeKubeconfigs(['root', 'ops']));
    expect(homes).toMatchObject(read ? [{ user: 'ops', path: '/home/ops/.kube/config', read }] : []);
  });
});

describe('the system', () => {
  it('is as its state says', async () => {
    const fleet = await bench.fleet({
      stateOf: () => ({ clockOffsetSeconds: 7_200, diskFull: true, noisyProfile: true, banner: 'Hands off.\n' }),
    });
    const { clock, space } = await ask(fleet, system);
    expect(clock - Date.now() / 1_000).toBeGreaterThan(7_000);
    expect(space.map(({ freeKilobytes }) => freeKilobytes)).toEqual([0, 0]);
  });

  it('can have an /etc/kubernetes that nobody can write, not even root', async () => {
    const fleet = await bench.fleet({ stateOf: () => ({ readOnly: true }) });
    expect(await ask(fleet, system)).toMatchObject({ kubernetesWritable: false });
  });
});
