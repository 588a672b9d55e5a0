import { SourceFile } from '../../../../src/core/source.ts';
import type {
  ClusterActivities,
  ClusterOrder,
  ClusterReport,
  RolloutOrder,
} from '../../../../src/fleet/temporal/orders.ts';
import { packRollout } from '../../../../src/fleet/temporal/orders.ts';
import { recordedHistories } from './histories.ts';

/** What a worker of 0.1.0 has said of a cluster of one master: of a look, and of a run. */
function recordedReports(): { readonly look: ClusterReport; readonly run: ClusterReport } {
  const history = recordedHistories().find(({ name }) => name === '0.1.0-two-waves');
  const reports = (history?.events ?? []).flatMap(({ activityTaskCompletedEventAttributes: done }): ClusterReport[] => {
    const data = done?.result?.payloads[0]?.data;
    const said: unknown = data === undefined ? '' : JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
    return typeof said === 'object' ? [said as ClusterReport] : [];
  });
  const look = reports.find(({ result }) => result.plans.length > 0);
  const run = reports.find(({ result }) => result.hosts.length > 0);
  if (!look || !run) throw new Error('the history holds no look, or no run');
  return { look, run };
}

/** Workers that do nothing, and say of every host what one of 0.1.0 has said of a master: 30 changes with all their details. */
export function recordedWork(): ClusterActivities {
  const recorded = recordedReports();
  const saying = (report: ClusterReport, { cluster: { name, hosts } }: ClusterOrder): ClusterReport => {
    const cluster = { kind: 'declared', name } as const;
    const each = <T extends { readonly host: string }>(entries: readonly T[]): readonly T[] =>
      hosts.flatMap((host) => entries.map((entry) => ({ ...entry, host })));
    const { plans, hosts: recaps } = report.result;
    return {
      ...report,
      result: {
        ...report.result,
        plans: plans.map((plan) => ({ ...plan, cluster, hosts: each(plan.hosts) })),
        hosts: each(recaps).map((recap) => ({ ...recap, cluster })),
      },
    };
  };
  return {
    look: async (order) => saying(recorded.look, order),
    run: async (order) => saying(recorded.run, order),
    lookAgain: async () => '',
    check: async () => '',
    callWave: async () => [],
  };
}

/** A rollout to so many clusters, all in one wave. */
export function orderOfMany(clusters: number, hostsEach: number): RolloutOrder {
  const range = new SourceFile('rollout.yml', '').range(0, 0);
  return {
    version: 1,
    runId: '20261126T120000Z-abcd',
    play: 'Renew the leaf certificates of kubeadm control planes',
    rollout: packRollout({ waves: [], order: 'name', checks: [], range }),
    total: clusters,
    clusters: Array.from({ length: clusters }, (_, cluster) => {
      const hosts = Array.from({ length: hostsEach }, (__, host) => `cluster-${cluster}-m${host}`);
      return { name: `cluster-${cluster}`, hosts, members: hosts, labels: {} };
    }),
    recorded: {},
    sideBySide: 20,
    workerTimeoutMs: 30_000,
    commands: { approve: {}, resume: 'kplay resume', again: 'kplay run' },
    work: { playbook: '0'.repeat(64), source: 'play.yml', extraVars: [], tags: [], skipTags: [] },
  };
}
