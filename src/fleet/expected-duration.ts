import { count } from '../core/count.ts';
import { formatDuration } from '../core/duration.ts';
import type { ClusterDuration } from '../journal/cluster-durations.ts';

/** How long a run on a cluster is expected to take, and where that comes from. */
export interface ExpectedDuration {
  readonly ms: number;
  /** In words: `declared`, `95th percentile of 7 runs`, `default`. */
  readonly source: string;
}

/** What is known of the cluster that it is expected of. */
export interface ExpectedOf {
  readonly name: string;
  /** How many hosts it has. */
  readonly hosts: number;
  /** Milliseconds that the inventory says. */
  readonly declared: number | undefined;
  /** Milliseconds where nothing else is known. */
  readonly fallback: number;
}

/** Fewer runs than this say little of the next one. */
const FEWEST_RUNS = 3;
const PERCENTILE = 0.95;

/**
 * The 95th percentile of the cluster's own runs, as far as all of its hosts took part; else of runs on other clusters with as many hosts; else
 * what is declared, or the default. Somebody who declares it may know of what comes that no run has met yet, so it is at least that; but a
 * declaration makes no run shorter than those before it were.
 */
export function expectedDuration(
  { name, hosts, declared, fallback }: ExpectedOf,
  recorded: readonly ClusterDuration[],
): ExpectedDuration {
  const alike = recorded.filter((each) => each.hosts === hosts);
  const own = percentile(alike.filter(({ cluster }) => cluster === name));
  if (declared !== undefined) {
    if (own && own.ms > declared)
      return { ms: own.ms, source: `${runsText(own.runs)}; declared are ${formatDuration(declared)}` };
    return { ms: declared, source: 'declared' };
  }
  if (own) return { ms: own.ms, source: runsText(own.runs) };
  const others = percentile(alike.filter(({ cluster }) => cluster !== name));
  if (others)
    return {
      ms: others.ms,
      source: `${runsText(others.runs)} on clusters with ${count(hosts, 'host')}`,
    };
  return { ms: fallback, source: 'default' };
}

/** By the nearest rank; undefined of too few. Runs that changed fewer hosts than others did were over sooner: they do not count. */
function percentile(durations: readonly ClusterDuration[]): { readonly ms: number; readonly runs: number } | undefined {
  const most = Math.max(...durations.map(({ changed }) => changed));
  const whole = durations.filter(({ changed }) => changed === most);
  if (whole.length < FEWEST_RUNS) return undefined;
  const sorted = whole.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
  const ms = sorted[Math.ceil(PERCENTILE * sorted.length) - 1];
  return ms === undefined ? undefined : { ms, runs: sorted.length };
}

function runsText(runs: number): string {
  return `95th percentile of ${count(runs, 'run')}`;
}
