import { expect, test } from 'vitest';
import { progressClauses } from '../../src/cli/journal/progress.ts';
import type { ClusterRef } from '../../src/core/cluster.ts';
import type { Event } from '../../src/core/events/event.ts';
import type { ClusterOutcome } from '../../src/core/events/play.ts';

const play = 'Renew';
const cluster = (name: string): ClusterRef => ({ kind: 'declared', name });
const started = (name: string): Event => ({ type: 'cluster-started', play, cluster: cluster(name), hosts: ['m1'] });
const finished = (name: string, outcome: ClusterOutcome): Event => ({
  type: 'cluster-finished',
  play,
  cluster: cluster(name),
  outcome,
  elapsedMs: 1,
});

test('a rollout is as far as its clusters are, and one that has failed is not done', () => {
  const waves = [
    { name: 'canary', clusters: ['dev', 'staging'] },
    { name: 'rest', clusters: ['eu', 'us', 'ap'] },
  ];
  const events: readonly Event[] = [
    { type: 'rollout-planned', play, waves },
    { type: 'rollout-started', play, sideBySide: 4, clusters: ['dev', 'staging', 'eu', 'us', 'ap'].map(cluster) },
    ...[started('dev'), finished('dev', 'ok'), started('staging'), finished('staging', 'failed')],
    // Its window had shut, and has opened again.
    ...[started('eu'), finished('eu', 'cancelled'), started('eu')],
  ];
  const [ended, others] = [['dev done', 'staging failed'], 'us, ap not started'];
  expect(progressClauses(events, false)).toEqual([...ended, 'eu in progress', others]);
  // Of a process that is gone nothing is in progress.
  expect(progressClauses(events, true)).toEqual([...ended, 'eu started and not finished', others]);
});

test('a cluster that its window has kept from starting is told as that', () => {
  const window = {
    state: 'shut',
    windows: 'daily 01:00-04:00 UTC',
    reason: 'outside its windows',
    expected: '5m',
  } as const;
  const shut: Event = {
    ...{ type: 'window-shut', play, cluster: cluster('eu'), hosts: ['m1'], window },
    ...{ counts: 'left', remedy: 'run it again then' },
  };
  const planned: Event = { type: 'rollout-planned', play, waves: [{ name: 'all', clusters: ['eu', 'us'] }] };
  expect(progressClauses([planned, shut, started('us')], false)).toEqual([
    'eu not started (window shut)',
    'us in progress',
  ]);
});

test('a cluster that is not as it was left when its soak is over has failed', () => {
  const settled: Event = {
    ...{ type: 'wave-settled', play, wave: 'canary', clusters: ['dev', 'staging'] },
    failed: [{ cluster: 'dev', reason: 'apiserver of dev-m1 would be changed again' }],
  };
  expect(
    progressClauses(
      [started('dev'), started('staging'), finished('dev', 'ok'), finished('staging', 'ok'), settled],
      false,
    ),
  ).toEqual(['dev failed', 'staging done']);
});

test('so is a run without waves; one over no declared clusters says nothing', () => {
  expect(
    progressClauses(
      [
        { type: 'rollout-started', play, sideBySide: 1, clusters: [cluster('a'), cluster('b')] },
        started('b'),
        finished('b', 'refused'),
      ],
      false,
    ),
  ).toEqual(['a not started', 'b refused']);
  expect(progressClauses([], false)).toEqual([]);
});
