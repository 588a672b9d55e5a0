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
import { groupsOf } from '../../src/simulation/groups.ts';

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

/** As releases of kubeadm write them: `10` stands for 1.10.0. */
const GROUPS: readonly (readonly [name: CredentialName, groups: Readonly<Record<string, string>>])[] = [
  [
    'admin.conf',
    { 8: 'system:masters', 28: 'system:masters', 29: 'kubeadm:cluster-admins', 37: 'kubeadm:cluster-admins' },
  ],
  ['super-admin.conf', { 29: 'system:masters', 37: 'system:masters' }],
  // kubernetes/kubernetes#138957 was picked into four minor versions before 1.37.
  [
    'apiserver-kubelet-client',
    {
      8: 'system:masters',
      '28.15': 'system:masters',
      29: 'kubeadm:cluster-admins',
      '32.13': 'kubeadm:cluster-admins',
      '33.11': 'kubeadm:cluster-admins',
      '33.12': 'none',
      '33.13': 'none',
      '34.7': 'kubeadm:cluster-admins',
      '34.8': 'none',
      '35.4': 'kubeadm:cluster-admins',
      '35.5': 'none',
      '36.0': 'kubeadm:cluster-admins',
      '36.1': 'none',
      37: 'none',
      38: 'none',
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
];

describe('groups, as releases of kubeadm write them', () => {
  test.each(GROUPS)('of %s', (name, groups) => {
    for (const [release, expected] of Object.entries(groups)) {
      const [minor = 0, patch = 0] = release.split('.').map(Number);
      const made = organizationsBy(name, { major: 1, minor, patch });
      expect([release, made.join(', ') || 'none']).toEqual([release, expected]);
    }
  });
});

test('the simulation’s kubeadm, which has a table of its own, gives the same groups', () => {
  for (const [name] of GROUPS)
    for (let minor = 8; minor <= 39; minor += 1)
      for (let patch = 0; patch <= 20; patch += 1) {
        const version = { major: 1, minor, patch };
        expect([name, version, groupsOf(name, version)]).toEqual([name, version, organizationsBy(name, version)]);
      }
});

function rows(table: string): readonly (readonly string[])[] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
}
