import { expect, test } from 'vitest';
import { type PlannedChanges, StepFailure } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import { type Workloads, workloads } from '../../src/facts/api/workloads.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { restartChange } from '../../src/steps/control-plane/restart-state.ts';
import { workloadsOutcome } from '../../src/steps/control-plane/workloads-outcome.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const [ONE, TWO] = ['a'.repeat(64), 'b'.repeat(64)];
const BOTH = new Map([
  [ONE, 'coredns'],
  [TWO, 'php-fpm'],
]);

/** @param now what the host tells after the restart */
function outcome(before: Workloads | undefined, now: Workloads | Error) {
  const base = World.empty.set(kubernetesFiles, describedHost({}));
  const world = before === undefined ? base : base.set(workloads, before);
  const changes = [restartChange('etcd', 'is older than server.crt', 'etcd')] as const;
  const observe = async () => {
    if (now instanceof Error) throw now;
    return World.empty.set(workloads, now);
  };
  return workloadsOutcome({ observe }, { world, plan: { changes } } as unknown as PlannedChanges);
}

test('other containers that still run are counted', async () => {
  expect(await outcome(BOTH, BOTH)).toEqual({ summary: '2 other containers untouched' });
  expect(await outcome(new Map(), BOTH)).toEqual({});
  expect(await outcome(undefined, BOTH)).toEqual({});
});

test('those that have ended meanwhile are a warning', async () => {
  expect(await outcome(BOTH, new Map([[ONE, 'coredns']]))).toEqual({
    summary: '1 of 2 other containers untouched',
    warnings: [{ message: `containers besides the control plane have ended meanwhile: php-fpm (${TWO.slice(0, 12)})` }],
  });
});

test.each<[before: Workloads, now: Workloads]>([
  [BOTH, 'too many'],
  ['too many', BOTH],
])('too many of them are not compared', async (before, now) => {
  expect(await outcome(before, now)).toEqual({ summary: 'other containers not compared: the host has too many' });
});

test('a host that does not tell of them fails no restart, which is proven already', async () => {
  const failure = new StepFailure('answer-unusable', 'workloads: the answer of the host is longer than 1 MiB');
  expect(await outcome(BOTH, failure)).toEqual({
    warnings: [{ message: `whether the other containers still run is not known: ${failure.message}` }],
  });
  await expect(outcome(BOTH, new Error('a bug'))).rejects.toThrow('a bug');
});
