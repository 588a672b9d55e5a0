import type { ClusterRef } from '../../../src/core/cluster.ts';
import type { PlayPlan } from '../../../src/core/events/plan.ts';
import { planTotals } from '../../../src/core/plan-totals.ts';
import { masterPlan, PLAY, RECOVERY_PLAN, task } from './cluster.ts';
import { EVERY_EVENT } from './events.ts';
import { finished, type Timed } from './runs.ts';

const cluster = (name: string): ClusterRef => ({ kind: 'declared', name });
const [PROD, DEV] = [cluster('prod'), cluster('dev')];

function planned(host: string, which: ClusterRef, order: string): Timed {
  const plan: PlayPlan = {
    ...RECOVERY_PLAN,
    cluster: which,
    hosts: [masterPlan(host)],
    order: { name: order, reason: '', batches: [] },
  };
  return [100, { type: 'play-planned', plan, totals: planTotals(plan) }];
}

/** One task on one host of a cluster, that takes a second. */
function part(
  which: ClusterRef,
  host: string,
  fromMs: number,
  outcome: 'changed' | 'failed' = 'changed',
): readonly Timed[] {
  const end = { ...finished(0, host, { elapsedMs: 1_000, outcome, reason: 'a reason' }), cluster: which };
  const result = outcome === 'failed' ? 'failed' : 'ok';
  return [
    [fromMs, { type: 'cluster-started', play: PLAY, cluster: which, hosts: [host] }],
    [fromMs, { type: 'batch-started', cluster: which, number: 1, of: 1, hosts: [host] }],
    [fromMs, { type: 'task-started', cluster: which, task: task(0), hosts: [host] }],
    [fromMs + 1_000, end],
    [fromMs + 1_000, { type: 'cluster-finished', play: PLAY, cluster: which, outcome: result, elapsedMs: 1_000 }],
  ];
}

/** Two clusters, of which the second begins so much later than the first, which takes a second and may fail. */
export function twoClusters(
  sideBySide: number,
  laterMs: number,
  outcome: 'changed' | 'failed' = 'changed',
): readonly Timed[] {
  const parts = [...part(PROD, 'prod-m1', 1_000, outcome), ...part(DEV, 'dev-m1', 1_000 + laterMs)];
  return [
    [0, EVERY_EVENT['run-started']],
    [0, { type: 'play-started', play: PLAY, hosts: ['prod-m1', 'dev-m1'] }],
    planned('prod-m1', PROD, 'recovery'),
    planned('dev-m1', DEV, 'planned'),
    [1_000, { type: 'rollout-started', play: PLAY, sideBySide, clusters: [PROD, DEV] }],
    ...parts.toSorted(([a], [b]) => a - b),
    [2_000 + laterMs, { type: 'play-finished', play: PLAY, elapsedMs: 1_000 + laterMs }],
  ];
}
