import { describe, expect, test } from 'vitest';
import {
  AUTHORITIES,
  COMPONENTS,
  type CredentialName,
  KUBECONFIGS,
  LEAF_VALIDITY_MS,
  organizationsBy,
  PAIRS,
} from '../../src/kubeadm/table.ts';

describe('pairs of files are those that kubeadm makes (reference, section 1.1)', () => {
  const REFERENCE = `
    apiserver                | apiserver                | ca             | kube-apiserver                | serverAuth            | always
    apiserver-kubelet-client | apiserver-kubelet-client | ca             | kube-apiserver-kubelet-client | clientAuth            | always
    front-proxy-client       | front-proxy-client       | front-proxy-ca | front-proxy-client            | clientAuth            | always
    apiserver-etcd-client    | apiserver-etcd-client    | etcd-ca        | kube-apiserver-etcd-client    | clientAuth            | stacked etcd
    etcd-server              | etcd/server              | etcd-ca        | the node                      | serverAuth,clientAuth | stacked etcd
    etcd-peer                | etcd/peer                | etcd-ca        | the node                      | serverAuth,clientAuth | stacked etcd
    etcd-healthcheck-client  | etcd/healthcheck-client  | etcd-ca        | kube-etcd-healthcheck-client  | clientAuth            | stacked etcd`;

  test('with their signers, names, usages and conditions', () => {
    expect(
      PAIRS.map(({ name, base, authority, commonName, usages, stackedEtcd }) => [
        name,
        base,
        authority,
        commonName === 'node' ? 'the node' : commonName,
        usages.join(),
        stackedEtcd ? 'stacked etcd' : 'always',
      ]),
    ).toEqual(rows(REFERENCE));
  });

  test('and what has names of its own is the API server and etcd (section 1.3)', () => {
    expect(PAIRS.filter(({ names }) => names !== 'none').map(({ name, names }) => [name, names])).toEqual([
      ['apiserver', 'apiserver'],
      ['etcd-server', 'etcd'],
      ['etcd-peer', 'etcd'],
    ]);
  });

  test('and what serves one is known by the flags of its manifest', () => {
    const served = PAIRS.filter(({ servedBy }) => servedBy).map(({ name, servedBy, flag }) => [
      name,
      servedBy,
      flag?.component,
    ]);
    expect(served).toEqual([
      ['apiserver', 'kube-apiserver', 'kube-apiserver'],
      ['etcd-server', 'etcd', 'etcd'],
      ['etcd-peer', 'etcd', 'etcd'],
    ]);
  });
});

test('kubeconfigs are those that kubeadm renews (reference, section 1.2)', () => {
  expect(
    KUBECONFIGS.map(({ name, commonName, authority, optional }) => [name, commonName, authority, optional]),
  ).toEqual([
    ['admin.conf', 'kubernetes-admin', 'ca', false],
    ['super-admin.conf', 'kubernetes-super-admin', 'ca', true],
    ['controller-manager.conf', 'system:kube-controller-manager', 'ca', false],
    ['scheduler.conf', 'system:kube-scheduler', 'ca', false],
  ]);
});

test('kubeadm manages eleven with an etcd of its own and seven without, super-admin.conf among them', () => {
  expect(PAIRS.length + KUBECONFIGS.length).toBe(11);
  expect(PAIRS.filter(({ stackedEtcd }) => !stackedEtcd).length + KUBECONFIGS.length).toBe(7);
});

test('there are three CAs, and none of their names or files is a leaf’s', () => {
  expect(AUTHORITIES).toEqual([
    { name: 'ca', base: 'ca' },
    { name: 'etcd-ca', base: 'etcd/ca' },
    { name: 'front-proxy-ca', base: 'front-proxy-ca' },
  ]);
  const leaves = [
    ...PAIRS.map(({ name }) => name),
    ...PAIRS.map(({ base }) => base),
    ...KUBECONFIGS.map(({ name }) => name),
  ] as string[];
  for (const { name, base } of [...AUTHORITIES, { name: 'sa', base: 'sa' }]) {
    expect(leaves).not.toContain(name);
    expect(leaves).not.toContain(base);
  }
});

test('etcd is restarted before what needs it', () => {
  expect(COMPONENTS).toEqual(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']);
});

test('a leaf lasts 8760 hours', () => {
  expect(LEAF_VALIDITY_MS).toBe(365 * 86_400_000);
});

describe('groups, as builds of kubeadm write them, likeliest first (recorded, not run)', () => {
  test.each<[name: CredentialName, groups: Readonly<Record<number, string>>]>([
    [
      'admin.conf',
      { 8: 'system:masters', 28: 'system:masters', 29: 'kubeadm:cluster-admins', 37: 'kubeadm:cluster-admins' },
    ],
    ['super-admin.conf', { 29: 'system:masters', 37: 'system:masters' }],
    // k/k#138957 was picked into patch releases of versions before 1.37: seen in 1.35.5 and 1.36.1.
    [
      'apiserver-kubelet-client',
      {
        8: 'system:masters',
        28: 'system:masters',
        29: 'kubeadm:cluster-admins or none',
        36: 'kubeadm:cluster-admins or none',
        37: 'none',
      },
    ],
    ['apiserver-etcd-client', { 10: 'system:masters', 28: 'system:masters', 29: 'none', 37: 'none' }],
    ['etcd-healthcheck-client', { 10: 'system:masters', 28: 'system:masters', 29: 'none', 37: 'none' }],
    ['kubelet-client', { 8: 'system:nodes', 37: 'system:nodes' }],
    ['apiserver', { 8: 'none', 37: 'none' }],
    ['etcd-server', { 10: 'none', 37: 'none' }],
    ['etcd-peer', { 10: 'none', 37: 'none' }],
    ['front-proxy-client', { 8: 'none', 37: 'none' }],
    ['controller-manager.conf', { 8: 'none', 37: 'none' }],
    ['scheduler.conf', { 8: 'none', 37: 'none' }],
  ])('of %s', (name, groups) => {
    for (const [minor, expected] of Object.entries(groups)) {
      const possible = organizationsBy(name, Number(minor)).map((organizations) => organizations.join(', ') || 'none');
      expect([minor, possible.join(' or ')]).toEqual([minor, expected]);
    }
  });
});

function rows(table: string): readonly (readonly string[])[] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
}
