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
 * Estimates runs on clusters: the 95th percentile of the cluster's own complete runs; else the declared duration; else that percentile of
 * runs on other clusters with as many hosts; else the default. A declared duration is a minimum, since whoever declares it may know about
 * work that no earlier run had; it never shortens the estimate from the cluster's own runs.
 */
export class DurationEstimator {
  /** Of earlier runs, by the number of hosts, the shortest first: hundreds of clusters may have a year of daily runs. */
  readonly #recorded = new Map<number, SameSize>();
  readonly #known = new Map<number, Percentile | undefined>();

  constructor(recorded: readonly ClusterDuration[]) {
    for (const duration of recorded.toSorted((a, b) => a.elapsedMs - b.elapsedMs)) {
      const { hosts, cluster } = duration;
      const sameSize: SameSize = this.#recorded.get(hosts) ?? { all: [], byCluster: new Map() };
      const own = sameSize.byCluster.get(cluster) ?? [];
      own.push(duration);
      sameSize.all.push(duration);
      sameSize.byCluster.set(cluster, own);
      this.#recorded.set(hosts, sameSize);
    }
  }

  estimate({ name, hosts, declared, fallback }: ExpectedOf): ExpectedDuration {
    const { all, byCluster }: SameSize = this.#recorded.get(hosts) ?? { all: [], byCluster: new Map() };
    const own = percentile(byCluster.get(name) ?? []);
    if (declared !== undefined) {
      if (own && own.ms > declared)
        return { ms: own.ms, source: `${runsText(own.runs)}; declared are ${formatDuration(declared)}` };
      return { ms: declared, source: 'declared' };
    }
    if (own) return { ms: own.ms, source: runsText(own.runs) };
    const others = byCluster.has(name)
      ? percentile(all.filter(({ cluster }) => cluster !== name))
      : this.#ofAll(hosts, all);
    if (others)
      return {
        ms: others.ms,
        source: `${runsText(others.runs)} on clusters with ${count(hosts, 'host')}`,
      };
    return { ms: fallback, source: 'default' };
  }

  /** That of all clusters of a size: the same for each of them that is new. */
  #ofAll(hosts: number, all: readonly ClusterDuration[]): Percentile | undefined {
    if (!this.#known.has(hosts)) this.#known.set(hosts, percentile(all));
    return this.#known.get(hosts);
  }
}

interface Percentile {
  readonly ms: number;
  readonly runs: number;
}

/** Runs on clusters with the same number of hosts. */
interface SameSize {
  readonly all: ClusterDuration[];
  readonly byCluster: Map<string, ClusterDuration[]>;
}

/**
 * By nearest rank; undefined if there are too few runs. Runs that changed fewer hosts than others do not count: they took less
 * time.
 * @param durations the shortest first: to sort those of a fleet for each of its clusters would take minutes
 */
function percentile(durations: readonly ClusterDuration[]): Percentile | undefined {
  const maximum = durations.reduce((most, { changed }) => Math.max(most, changed), 0);
  const largest = durations.filter(({ changed }) => changed === maximum);
  if (largest.length < MIN_RUNS) return undefined;
  const at = largest[Math.ceil(PERCENTILE * largest.length) - 1];
  return at && { ms: at.elapsedMs, runs: largest.length };
}

function runsText(runs: number): string {
  return `95th percentile of ${count(runs, 'run')}`;
}
