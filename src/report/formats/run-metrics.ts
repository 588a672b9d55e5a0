import { clusterText } from '../../core/cluster.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import type { Metric, MetricKind } from './prometheus.ts';

/** The figures of a run. */
export interface RunFigures {
  /** `run`, `apply`, `check`. */
  readonly command: string;
  readonly endedAt: Date;
  readonly elapsedMs: number;
  readonly exitCode: number;
  readonly hosts: readonly HostRecap[];
  /** Hosts left for later, because the window of their cluster is shut. */
  readonly left?: readonly string[];
}

/** The values of its label `outcome`. */
export const RUN_OUTCOMES = [
  'ok',
  'changed',
  'failed',
  'skipped',
  'ignored',
  'rescued',
  'refused',
  'unreachable',
] as const;

/** The metrics of a run. */
export const RUN_METRICS = {
  end: { name: 'kplay_run_end_timestamp_seconds', help: 'When the last run ended.', labels: ['command'] },
  duration: { name: 'kplay_run_duration_seconds', help: 'How long the last run took.', labels: ['command'] },
  exitCode: {
    name: 'kplay_run_exit_code',
    help: 'Exit code of the last run: 0 is success.',
    labels: ['command'],
  },
  hostTasks: {
    name: 'kplay_run_host_tasks',
    help: 'Number of tasks of the last run on the host, by outcome.',
    labels: ['host', 'outcome'],
  },
  hostSuccess: {
    name: 'kplay_run_host_success',
    help: 'Whether the last run came to its end on the host and nothing failed there: 1, or 0. Left for a later window: 1.',
    labels: ['host', 'cluster'],
  },
  hostRestored: {
    name: 'kplay_run_host_restored',
    help: 'Whether the last run failed on the host and restored it: 1, or 0.',
    labels: ['host'],
  },
  clusterSuccess: {
    name: 'kplay_run_cluster_success',
    help: 'Whether all hosts of the cluster succeeded in the last run: 1, or 0.',
    labels: ['cluster'],
  },
} as const satisfies Readonly<Record<string, MetricKind>>;

/** The metrics of a run. A run without tasks on hosts only has its time and exit code. */
export function runMetrics(figures: RunFigures): readonly Metric[] {
  const { command, endedAt, elapsedMs, exitCode, hosts } = figures;
  const clusters = new Map<string | null, boolean>();
  for (const recap of hosts) {
    const cluster = clusterOf(recap);
    clusters.set(cluster, (clusters.get(cluster) ?? true) && isGood(recap, figures));
  }
  const metrics = RUN_METRICS;
  return [
    { ...metrics.end, samples: [{ labels: { command }, value: endedAt.getTime() / 1000 }] },
    { ...metrics.duration, samples: [{ labels: { command }, value: elapsedMs / 1000 }] },
    { ...metrics.exitCode, samples: [{ labels: { command }, value: exitCode }] },
    {
      ...metrics.hostTasks,
      samples: hosts.flatMap((recap) =>
        RUN_OUTCOMES.map((outcome) => ({ labels: { host: recap.host, outcome }, value: recap[outcome] })),
      ),
    },
    {
      ...metrics.hostSuccess,
      samples: hosts.map((recap) => ({
        labels: { host: recap.host, cluster: clusterOf(recap) },
        value: isGood(recap, figures) ? 1 : 0,
      })),
    },
    {
      ...metrics.hostRestored,
      samples: hosts.map((recap) => ({ labels: { host: recap.host }, value: recap.restored > 0 ? 1 : 0 })),
    },
    {
      ...metrics.clusterSuccess,
      samples: [...clusters].map(([cluster, success]) => ({ labels: { cluster }, value: success ? 1 : 0 })),
    },
  ];
}

/** A run that has not got to all hosts may still be good: a rollout waits for the next window of a cluster. */
function isGood(recap: HostRecap, { exitCode, left = [] }: RunFigures): boolean {
  const { host, ok, skipped, rescued, failed, unreachable, refused, stopped } = recap;
  if (failed + unreachable + refused > 0) return false;
  const isDone = stopped === undefined && ok + skipped + rescued > 0;
  return isDone || exitCode === 0 || left.includes(host);
}

/** Only for runs on hosts of several clusters. */
function clusterOf({ cluster }: HostRecap): string | null {
  if (!cluster) return null;
  return cluster.kind === 'none' ? clusterText(cluster) : cluster.name;
}
