import { expect, test } from 'vitest';
import type { Told } from './lab/scenarios/clients.ts';
import { describeLoad, loadOf } from './lab/scenarios/load.ts';

function write(name: string, began: number, took: number, failure?: string): Told {
  const ended = began + took;
  return { kind: 'write', client: 'c', name, began, ended, ...(failure !== undefined && { failure }) };
}

const TOLD: readonly Told[] = [
  write('a', 0, 10),
  { kind: 'seen', name: 'a', at: 25 },
  { kind: 'etcd', master: 'm1', isUp: false, at: 20 },
  write('b', 100, 5_000, 'reset'),
  { kind: 'api', master: 'm2', isUp: false, at: 5_140 },
  { kind: 'api', master: 'm2', isUp: true, at: 8_000 },
  { kind: 'etcd', master: 'm2', isUp: false, at: 900 },
  { kind: 'etcd', master: 'm1', isUp: true, at: 1_020 },
  { kind: 'watch-ended', at: 1_000, reason: 'ended' },
  write('c', 5_200, 1_500),
  { kind: 'leader', master: 'm1', term: 4, at: 5_100 },
  { kind: 'leader', master: 'm2', term: 5, at: 7_050 },
  { kind: 'leader', master: 'm1', term: 5, at: 7_000 },
  write('d', 6_800, 10),
  write('e', 6_900, 7_000, '500 etcdserver: request timed out, possibly due to previous leader failure'),
  write('f', 9_100, 7_000, '500 etcdserver: request timed out'),
  write('g', 17_000, 20, 'reset'),
];

test('each write of a load is counted, failed and slow ones too, and what is away at once', () => {
  const load = loadOf(TOLD, new Set(['a', 'd']), ['m1', 'm2', 'm3']);
  expect(load).toEqual({
    writers: [
      {
        client: 'c',
        writes: 7,
        failures: [
          'after 5000 ms, 40 ms before m2 was seen to take no more connections: reset',
          'after 7000 ms: 500 etcdserver: request timed out, possibly due to previous leader failure',
          'after 7000 ms: 500 etcdserver: request timed out',
          'after 20 ms: reset',
        ],
        unexplained: ['after 7000 ms: 500 etcdserver: request timed out', 'after 20 ms: reset'],
        slowMs: [5_000, 1_500, 7_000, 7_000],
        longestGapMs: 6_690,
      },
    ],
    lost: ['c'],
    watch: { ends: 1, unseen: [], latestMs: 15 },
    etcdAwayMs: { m1: [1_000], m2: [Number.POSITIVE_INFINITY], m3: [] },
    etcdDown: 2,
    elections: 1,
  });
  expect(
    describeLoad(load),
  ).toBe(`  c: 7 writes, 4 failed, slower than 1 s: 5000, 1500, 7000, 7000 ms, longest gap 6690 ms
    after 5000 ms, 40 ms before m2 was seen to take no more connections: reset
    after 7000 ms: 500 etcdserver: request timed out, possibly due to previous leader failure
    after 7000 ms: 500 etcdserver: request timed out
    after 20 ms: reset
  watch: ended 1 times, 0 unseen, latest after 15 ms
  etcd away: m1 1000 ms, m2 Infinity ms, m3 0 ms; 2 at once; 1 elections; 1 writes lost
`);
});
