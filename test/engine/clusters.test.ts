import { describe, expect, test } from 'vitest';
import { clusterText } from '../../src/core/cluster.ts';
import { World } from '../../src/core/world.ts';
import { clusterPlays } from '../../src/engine/clusters/clusters.ts';
import { initialState } from '../../src/engine/hosts/host-state.ts';
import type { CompiledPlay } from '../../src/engine/program/compiled.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import type { HostDescription } from '../kubeadm/support/host-files.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

interface Machine extends HostDescription {
  /** What the inventory says. */
  readonly cluster?: string;
  /** It holds nothing of a cluster, or could not be read. */
  readonly is?: 'no node' | 'lost';
}

function of(number: 1 | 2 | 3, more: Machine = {}): Machine {
  return {
    authorityNames: {
      ca: `ca-${number}`,
      'etcd-ca': `etcd-ca-${number}`,
      'front-proxy-ca': `front-proxy-ca-${number}`,
    },
    address: `10.0.${number}.1`,
    files: { '/etc/kubernetes/pki/sa.pub': `key of ${number}` },
    ...more,
  };
}

/** What becomes of a play over these hosts: each cluster with its hosts, the lost ones in brackets, and why it is refused. */
function divided(machines: Readonly<Record<string, Machine>>) {
  const hosts = Object.entries(machines).map(([name, { cluster }]) => ({
    host: { name, groups: [], vars: new Map(), ...(cluster !== undefined && { cluster }) },
    vars: new Map(),
  }));
  const states = new Map(
    hosts.flatMap((member) => {
      const { cluster: _, is, ...description } = machines[member.host.name] ?? {};
      if (is === 'lost') return [];
      const state = initialState(member, new Map());
      const role = is === 'no node' ? { role: 'none' as const } : {};
      const world = World.empty.set(kubernetesFiles, describedHost({ ...description, ...role }));
      return [[member.host.name, { ...state, world }] as const];
    }),
  );
  return clusterPlays({ ...PLAY, hosts }, states).map(({ play, cluster, states: seen, refusal }) => {
    const names = play.hosts.map(({ host }) => (seen.has(host.name) ? host.name : `(${host.name})`)).join(' ');
    return { part: `${cluster ? clusterText(cluster) : 'all'}: ${names}`, ...(refusal && { refusal }) };
  });
}

const PLAY: CompiledPlay = {
  name: 'Test',
  hosts: [],
  isShuffled: false,
  leftOut: [],
  directory: '/',
  vars: new Map(),
  defaults: new Map(),
  become: undefined,
  serial: undefined,
  anyErrorsFatal: false,
  maxFailPercentage: undefined,
  strategy: undefined,
  isFree: false,
  forcedOrder: undefined,
  body: [],
  handlers: [],
  forceHandlers: false,
  hooks: [],
};

const parts = (machines: Readonly<Record<string, Machine>>) => divided(machines).map(({ part }) => part);
const refusals = (machines: Readonly<Record<string, Machine>>) => divided(machines).map(({ refusal }) => refusal);

describe('a play over hosts', () => {
  test.each<[what: string, machines: Readonly<Record<string, Machine>>, expected: readonly string[]]>([
    ['of one cluster is one', { a: of(1), b: of(1) }, ['all: a b']],
    [
      'of one cluster, as the inventory has it, is one',
      { a: of(1, { cluster: 'prod' }), b: of(1, { cluster: 'prod' }) },
      ['all: a b'],
    ],
    ['of one cluster and of none is one', { a: of(1), lb: { is: 'no node' } }, ['all: a lb']],
    ['of no cluster is one', { x: { is: 'no node' }, y: { is: 'no node' } }, ['all: x y']],
    ['that were not looked at is one', { x: { is: 'lost' } }, ['all: (x)']],
    [
      'that share nothing is one for each cluster',
      { a: of(1), b: of(2), c: of(1) },
      ['the cluster of a: a c', 'the cluster of b: b'],
    ],
    [
      'that the inventory divides is one for each cluster',
      { a: of(1, { cluster: 'prod' }), b: of(2, { cluster: 'dev' }), w: { is: 'no node', cluster: 'dev' } },
      ['cluster prod: a', 'cluster dev: b w'],
    ],
    [
      'of which the inventory names some puts the others where they belong',
      { a: of(1, { cluster: 'prod' }), b: of(2), c: of(1) },
      ['cluster prod: a c', 'the cluster of b: b'],
    ],
    [
      'of several clusters and of none has those apart',
      { lb: { is: 'no node' }, a: of(1), b: of(2) },
      ['the cluster of a: a', 'the cluster of b: b', 'hosts of no cluster: lb'],
    ],
    [
      'counts a host that is lost to the cluster that the inventory says',
      { a: of(1, { cluster: 'prod' }), b: of(2, { cluster: 'dev' }), c: { is: 'lost', cluster: 'dev' } },
      ['cluster prod: a', 'cluster dev: b (c)'],
    ],
    [
      'counts a host that is lost to the cluster whose manifests name it, else to each that it may be of',
      {
        a: of(1, { flags: { etcd: { '--initial-cluster': 'm9=https://10.9.9.9:2380' } } }),
        b: of(2),
        m9: { is: 'lost' },
        x: { is: 'lost' },
      },
      ['the cluster of a: a (m9) (x)', 'the cluster of b: b (x)'],
    ],
  ])('%s', (_what, machines, expected) => {
    expect(parts(machines)).toEqual(expected);
    expect(refusals(machines).filter((refusal) => refusal)).toEqual([]);
  });
});

describe('what the inventory says and what hosts hold', () => {
  test('is refused where one cluster of the inventory is two', () => {
    const both = { a: of(1, { cluster: 'prod' }), b: of(2, { cluster: 'prod' }) };
    expect(divided(both)).toEqual([
      {
        part: 'all: a b',
        refusal: {
          action: 'refuse',
          code: 'clusters-apart',
          reason: 'the inventory has these hosts in one cluster, prod, and b and a hold nothing in common',
          details: [
            ['a', expect.stringMatching(/^ca, SHA256/)],
            ['b', expect.stringMatching(/^ca, SHA256/)],
          ],
          remedy:
            'put the hosts of another cluster into a group of their own, with its own kplay_cluster; do not copy a CA between them',
        },
      },
    ]);
  });

  test('is refused for that cluster alone', () => {
    const found = divided({
      a: of(1, { cluster: 'prod' }),
      b: of(2, { cluster: 'prod' }),
      c: of(3, { cluster: 'dev' }),
    });
    expect(found.map(({ part, refusal }) => [part, refusal !== undefined])).toEqual([
      ['cluster prod: a b', true],
      ['cluster dev: c', false],
    ]);
  });

  test('is refused, for both, where two clusters of the inventory are one', () => {
    const found = divided({ a: of(1, { cluster: 'prod' }), b: of(1, { cluster: 'dev' }), c: of(2) });
    expect(found.map(({ part }) => part)).toEqual(['cluster prod: a', 'cluster dev: b', 'the cluster of c: c']);
    expect(found[0]?.refusal).toMatchObject({
      reason: 'the inventory has prod and dev as clusters of their own, and by what their hosts hold they are one',
      details: [
        ['prod', 'a'],
        ['dev', 'b'],
        ['prod and dev', expect.stringMatching(/^the same ca, SHA256/)],
      ],
    });
    expect(found[1]?.refusal).toEqual(found[0]?.refusal);
    expect(found[2]?.refusal).toBeUndefined();
  });

  test('agrees where a master holds the wrong files and uses the endpoint of the others', () => {
    const endpoint = 'api.prod:6443';
    const both = { a: of(1, { cluster: 'prod', endpoint }), b: of(2, { cluster: 'prod', endpoint }) };
    expect(refusals(both)).toEqual([undefined]);
  });

  test('agrees where two clusters only call their endpoints alike', () => {
    const endpoint = 'api:6443';
    const both = { a: of(1, { cluster: 'prod', endpoint }), b: of(2, { cluster: 'dev', endpoint }) };
    expect(parts(both)).toEqual(['cluster prod: a', 'cluster dev: b']);
    expect(refusals(both)).toEqual([undefined, undefined]);
  });
});

test('masters behind one endpoint that share nothing are refused, and nobody is told to copy anything', () => {
  const endpoint = '10.0.0.10:6443';
  const [first, second] = refusals({ a: of(1, { endpoint }), b: of(2, { endpoint }) });
  expect(first).toMatchObject({
    reason:
      'a and b use one API endpoint, 10.0.0.10:6443, and have no CA, etcd member or service account key in common',
    remedy: expect.stringContaining('copy nothing before'),
  });
  expect(second).toMatchObject({ reason: expect.stringContaining('b and a use one API endpoint') });
});
