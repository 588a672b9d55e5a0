import type { ClusterRef } from '../../../src/core/cluster.ts';
import { planTotals } from '../../../src/core/plan-totals.ts';
import { LEAF_CHANGES, masterPlan, RECOVERY_PLAN, recap, TASKS } from './cluster.ts';
import { EVERY_EVENT } from './events.ts';
import { finished, type Timed } from './runs.ts';

const SECOND = 1_000;

/**
 * Hosts on all of which eleven certificates are renewed.
 * @param clusterOf of which cluster a host is, by its number; undefined for all: one cluster.
 */
export function renewedFleet(size: number, clusterOf?: (index: number) => ClusterRef): readonly Timed[] {
  const hosts = Array.from({ length: size }, (_, index) => `kubernetes-master-${index}`);
  const order = { ...RECOVERY_PLAN.order, batches: [hosts] };
  const plan = { ...RECOVERY_PLAN, order, hosts: hosts.map(masterPlan) };
  const changes = [...LEAF_CHANGES, ...LEAF_CHANGES.slice(0, 4)];
  // Each is done at a moment of its own, and the others wait for it.
  const { declined: _, ...end } = EVERY_EVENT['run-finished'];
  const endOf = (task: number, index: number) => task * 10 * SECOND + SECOND + Math.round((8 * SECOND * index) / size);
  return [
    [0, { ...EVERY_EVENT['run-started'], writes: true }],
    [0, { type: 'play-started', play: plan.play, hosts }],
    [1, { type: 'play-planned', plan, totals: planTotals(plan) }],
    ...TASKS.flatMap((_, task) =>
      hosts.map((host, index): Timed => {
        const elapsedMs = endOf(task, index) - task * 10 * SECOND;
        return [endOf(task, index), finished(task, host, { outcome: 'changed', changes, elapsedMs })];
      }),
    ),
    [
      TASKS.length * 10 * SECOND,
      {
        ...end,
        hosts: hosts.map((host, index) => recap(host, { changes, ...(clusterOf && { cluster: clusterOf(index) }) })),
      },
    ],
  ];
}

/** The same, with one task that fails on each host. @param reasonOf why, by the number of the host */
export function failedFleet(size: number, reasonOf: (index: number) => string): readonly Timed[] {
  const [, second] = TASKS;
  return renewedFleet(size).map(([at, event]): Timed => {
    if (event.type === 'run-finished')
      return [at, { ...event, exitCode: 2, hosts: event.hosts.map((host) => ({ ...host, failed: 1 })) }];
    if (event.type !== 'task-finished' || event.task.path !== second?.path) return [at, event];
    const reason = reasonOf(Number(event.host.replace(/.*-/, '')));
    return [at, { ...event, outcome: 'failed', reason, remedy: 'make room', details: [['free', '12 kB']] }];
  });
}
