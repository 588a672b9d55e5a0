import { expect, test } from 'vitest';
import { isAnythingLeftToHold } from '../../src/cli/journal/left-to-hold.ts';
import type { ClusterRef } from '../../src/core/cluster.ts';
import type { Event } from '../../src/core/events/event.ts';
import type { ClusterOutcome } from '../../src/core/events/play.ts';
import { EVERY_EVENT } from '../report/support/events.ts';

const cluster = (name: string): ClusterRef => ({ kind: 'declared', name });
const PLANNED: Event = {
  ...EVERY_EVENT['rollout-planned'],
  waves: [
    { name: 'canary', clusters: ['a'] },
    { name: 'rest', clusters: ['b'] },
  ],
};
const started = (name: string): Event => ({ ...EVERY_EVENT['cluster-started'], cluster: cluster(name) });
const changing = (name: string): Event => ({ ...EVERY_EVENT['batch-started'], cluster: cluster(name) });
const shut = (name: string): Event => ({ ...EVERY_EVENT['window-shut'], cluster: cluster(name) });
const finished = (name: string, outcome: ClusterOutcome): Event => ({
  ...EVERY_EVENT['cluster-finished'],
  cluster: cluster(name),
  outcome,
});

const DONE = [started('a'), changing('a'), finished('a', 'ok')];

test.each<readonly [string, readonly Event[], boolean, boolean]>([
  ['nothing has started', [], true, false],
  ['the last wave has not', DONE, true, false],
  ['the last cluster has not come to its first change', [...DONE, started('b')], true, false],
  ['the last cluster is being changed', [...DONE, started('b'), changing('b')], false, false],
  ['the last cluster has ended, and may soak', [...DONE, started('b'), finished('b', 'ok')], false, false],
  ['the last cluster was left for its window', [...DONE, shut('b')], false, false],
  ['the last cluster waits for its window', [...DONE, shut('b')], true, true],
  ['its window shut between its batches', [...DONE, changing('b'), shut('b'), finished('b', 'cancelled')], true, true],
  ['the last cluster failed in its window', [...DONE, changing('b'), finished('b', 'failed')], false, true],
  ['the rollout has stopped', [started('a'), finished('a', 'failed'), EVERY_EVENT['rollout-stopped']], false, false],
])('whether a pause would hold anything back where %s', (_what, events, isLeft, waits) => {
  expect(isAnythingLeftToHold([PLANNED, ...events], waits)).toBe(isLeft);
});
