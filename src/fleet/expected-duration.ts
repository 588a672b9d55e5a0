import { count } from '../core/count.ts';
import { formatDuration } from '../core/duration.ts';
import type { ClusterDuration } from '../journal/cluster-durations.ts';

/** The expected duration of a run on a cluster, and its source. */
export interface ExpectedDuration {
  readonly ms: number;
  /** In words: `declared`, `95th percentile of 7 runs`, `default`. */
  readonly source: string;
}

/** What is known about the cluster. */
export interface ExpectedOf {
  readonly name: string;
  /** How many hosts it has. */
  readonly hosts: number;
  /** Milliseconds declared in the inventory. */
  readonly declared: number | undefined;
  /** Milliseconds if nothing else is known. */
  readonly fallback: number;
}

/** Fewer runs do not predict the next one. */
const MIN_RUNS = 3;
const PERCENTILE = 0.95;

/**
 * Estimates runs on clusters: the 95th percentile of the cluster's own complete runs; else of runs on other clusters with as many
 * hosts; else the declared duration, or the default. A declared duration is a minimum, since whoever declares it may know about work
 * that no earlier run had; it never shortens the estimate from earlier runs.
 */
export class DurationEstimator {
  /** Of earlier runs, by the number of hosts and by cluster: hundreds of clusters may have a year of daily runs. */
  readonly #recorded = new Map<number, Map<string, ClusterDuration[]>>();

  constructor(recorded: readonly ClusterDuration[]) {
    for (const duration of recorded) {
      const { hosts, cluster } = duration;
      const sameSize = this.#recorded.get(hosts) ?? new Map<string, ClusterDuration[]>();
      const own = sameSize.get(cluster) ?? [];
      own.push(duration);
      this.#recorded.set(hosts, sameSize.set(cluster, own));
    }
  }

  estimate({ name, hosts, declared, fallback }: ExpectedOf): ExpectedDuration {
    const sameSize = this.#recorded.get(hosts) ?? new Map<string, ClusterDuration[]>();
    const own = percentile(sameSize.get(name) ?? []);
    if (declared !== undefined) {
      if (own && own.ms > declared)
        return { ms: own.ms, source: `${runsText(own.runs)}; declared are ${formatDuration(declared)}` };
      return { ms: declared, source: 'declared' };
    }
    if (own) return { ms: own.ms, source: runsText(own.runs) };
    const others = percentile([...sameSize].flatMap(([cluster, runs]) => (cluster === name ? [] : runs)));
    if (others)
      return {
        ms: others.ms,
        source: `${runsText(others.runs)} on clusters with ${count(hosts, 'host')}`,
      };
    return { ms: fallback, source: 'default' };
  }
}

/**
 * By nearest rank; undefined if there are too few runs. Runs that changed fewer hosts than others do not count: they took less
 * time.
 */
function percentile(durations: readonly ClusterDuration[]): { readonly ms: number; readonly runs: number } | undefined {
  const maximum = durations.reduce((most, { changed }) => Math.max(most, changed), 0);
  const largest = durations.filter(({ changed }) => changed === maximum);
  if (largest.length < MIN_RUNS) return undefined;
  const sorted = largest.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
  const ms = sorted[Math.ceil(PERCENTILE * sorted.length) - 1];
  return ms === undefined ? undefined : { ms, runs: sorted.length };
}

function runsText(runs: number): string {
  return `95th percentile of ${count(runs, 'run')}`;
}
