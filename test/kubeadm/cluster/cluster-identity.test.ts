import { describe, expect, test } from 'vitest';
import { identityText, provenClusters, sharedMarks } from '../../../src/kubeadm/cluster/cluster-identity.ts';
import type { KubeadmHost } from '../../../src/kubeadm/host/model.ts';
import { fc } from '../../support/random-cases.ts';
import type { HostDescription } from '../support/host-files.ts';
import { describedHost } from '../support/raw-files.ts';

const SA_PUB = '/etc/kubernetes/pki/sa.pub';

/** A host of a cluster that has its own CAs and its own key for service accounts, and shares them with nobody else. */
function of(cluster: 1 | 2 | 3, more: HostDescription = {}): HostDescription {
  return {
    address: `10.0.${cluster}.1`,
    authorityNames: {
      ca: `ca-${cluster}`,
      'etcd-ca': `etcd-ca-${cluster}`,
      'front-proxy-ca': `front-proxy-ca-${cluster}`,
    },
    ...more,
    files: { [SA_PUB]: `key of ${cluster}`, ...more.files },
  };
}

/** A master with an etcd of its own at an address, and the members that it knew when it joined. */
function master(
  cluster: 1 | 2 | 3,
  address: string,
  known: readonly string[] = [],
  more: HostDescription = {},
): HostDescription {
  const urls = [...known, address].map((member) => `m=https://${member}:2380`).join(',');
  const etcd = { '--initial-advertise-peer-urls': `https://${address}:2380`, '--initial-cluster': urls };
  return of(cluster, { address, flags: { etcd }, ...more });
}

function hostsOf(descriptions: Readonly<Record<string, HostDescription>>): ReadonlyMap<string, KubeadmHost> {
  return new Map(Object.entries(descriptions).map(([name, description]) => [name, describedHost(description)]));
}

const found = (descriptions: Readonly<Record<string, HostDescription>>) =>
  provenClusters(hostsOf(descriptions)).map(({ names }) => names.join(' '));

describe('hosts are one cluster', () => {
  test.each<[what: string, hosts: Readonly<Record<string, HostDescription>>, clusters: readonly string[]]>([
    ['with one CA', { a: of(1), b: of(1, { files: { [SA_PUB]: 'another' } }) }, ['a b']],
    [
      'with one service account key, whatever their CAs',
      { a: of(1), b: of(2, { files: { [SA_PUB]: 'key of 1' } }) },
      ['a b'],
    ],
    [
      'when the manifest of one names the etcd member of the other, whatever they hold',
      { a: master(1, '10.0.0.1'), b: master(2, '10.0.0.2', ['10.0.0.1']) },
      ['a b'],
    ],
    [
      'and its workers behind balancers of their own that hold an older certificate of the CA',
      {
        a: of(1, { endpoint: '127.0.0.1:6443' }),
        b: of(2),
        w: of(1, {
          role: 'worker',
          endpoint: '127.0.0.1:6443',
          authorities: { ca: '5d' },
          files: { [SA_PUB]: 'another' },
        }),
      },
      ['a w', 'b'],
    ],
    ['and its workers, which hold the CA', { a: of(1), w: of(1, { role: 'worker' }) }, ['a w']],
    [
      'and a worker that holds another CA and uses their endpoint',
      { a: of(1, { endpoint: 'api.one:6443' }), b: of(2), w: of(3, { role: 'worker', endpoint: 'api.one:6443' }) },
      ['a w', 'b'],
    ],
    [
      'over others that hold something of both',
      { a: of(1), b: of(2), ab: of(1, { files: { [SA_PUB]: 'key of 2' } }) },
      ['a b ab'],
    ],
  ])('%s', (_what, hosts, clusters) => {
    expect(found(hosts)).toEqual(clusters);
  });
});

describe('hosts are different clusters', () => {
  test.each<[what: string, hosts: Readonly<Record<string, HostDescription>>, clusters: readonly string[]]>([
    ['when they share nothing', { a: of(1), b: of(2), c: of(3) }, ['a', 'b', 'c']],
    [
      'whatever they call the endpoint of their API',
      { a: of(1, { endpoint: 'api:6443' }), b: of(2, { endpoint: 'api:6443' }) },
      ['a', 'b'],
    ],
    [
      'in networks with the same addresses, though a manifest names an address of the other network',
      { a: master(1, '10.0.0.1'), b: master(1, '10.0.0.2', ['10.0.0.1']), x: master(2, '10.0.0.1', ['10.0.0.2']) },
      ['a b', 'x'],
    ],
    [
      'with one external etcd, whose CA several clusters may have',
      {
        a: of(1, { etcd: 'external', files: { '/etc/etcd/ca.crt': 'x' } }),
        b: of(2, { etcd: 'external', files: { '/etc/etcd/ca.crt': 'x' } }),
      },
      ['a', 'b'],
    ],
    [
      'and a worker behind a balancer on itself is of none of them',
      {
        a: of(1, { endpoint: '127.0.0.1:6443' }),
        b: of(2),
        w: of(3, { role: 'worker', endpoint: '127.0.0.1:6443' }),
      },
      ['a', 'b', 'w'],
    ],
    [
      'and a worker whose endpoint two clusters have is of none of them',
      {
        a: of(1, { endpoint: 'api:6443' }),
        b: of(2, { endpoint: 'api:6443' }),
        w: of(3, { role: 'worker', endpoint: 'api:6443' }),
      },
      ['a', 'b', 'w'],
    ],
  ])('%s', (_what, hosts, clusters) => {
    expect(found(hosts)).toEqual(clusters);
  });
});

test('every host is in one cluster, in the order that was given, however they are mixed', () => {
  const hosts = fc.array(fc.tuple(fc.constantFrom<1 | 2 | 3>(1, 2, 3), fc.constantFrom<1 | 2 | 3>(1, 2, 3)), {
    maxLength: 7,
  });
  fc.assert(
    fc.property(hosts, (made) => {
      const described = Object.fromEntries(
        made.map(([authority, key], index) => [`h${index}`, of(authority, { files: { [SA_PUB]: `key of ${key}` } })]),
      );
      const clusters = provenClusters(hostsOf(described));
      expect(clusters.flatMap(({ names }) => names).toSorted()).toEqual(Object.keys(described).toSorted());
      for (const { names } of clusters) expect(names).toEqual(names.toSorted());
      // Two that share nothing, and that nothing between them shares either, are never put together.
      for (const [index, [authority, key]] of made.entries()) {
        const own = clusters.find(({ names }) => names.includes(`h${index}`))?.names ?? [];
        const others = made.filter((_, other) => other !== index && own.includes(`h${other}`));
        if (others.length > 0) expect(others.some(([a, k]) => a === authority || k === key)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test('what hosts share, and what one shows of itself, is told without any key', () => {
  const hosts = hostsOf({ a: of(1), b: of(1), c: of(2) });
  const mark = expect.stringMatching(/^the same ca, SHA256 [0-9a-f]{8}…[0-9a-f]{4}$/);
  expect(sharedMarks([['c'], ['a'], ['b']], hosts)).toEqual([[1, 2, mark]]);
  expect(sharedMarks([['a', 'b'], ['c']], hosts)).toEqual([]);
  expect(identityText(describedHost(of(1, { endpoint: '10.0.0.9:6443' })))).toMatch(
    /^ca, SHA256 \S+, etcd-ca, SHA256 \S+, front-proxy-ca, SHA256 \S+, sa\.pub, SHA256 \S+, API 10\.0\.0\.9:6443$/,
  );
});

test('each host is read as often whatever the number of the others: a fleet has thousands', () => {
  const readsOf = (size: number): number => {
    let reads = 0;
    const hosts = Array.from({ length: size }, (_, number): [string, KubeadmHost] => {
      const host = describedHost(master(1, `10.1.${number}.1`, [`10.1.${number}.2`]));
      const { staticPods } = host;
      const counted = {
        get staticPods() {
          reads += 1;
          return staticPods;
        },
      };
      return [`m${number}`, Object.defineProperties({ ...host }, Object.getOwnPropertyDescriptors(counted))];
    });
    provenClusters(new Map(hosts));
    return reads / size;
  };
  expect(readsOf(9)).toBe(readsOf(3));
});
