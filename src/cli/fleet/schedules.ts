import type { Problems } from '../../core/diagnostic.ts';
import { describeSystemError } from '../../core/system-error.ts';
import type { ClusterSchedule } from '../../fleet/schedule.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { ClusterDuration, Work } from '../../journal/cluster-durations.ts';
import type { Environment } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import { runsDirectory } from '../run/runs-directory.ts';

/**
 * When the clusters may be changed. If one has a window, the record in the state directory tells how long such work takes on it, and the
 * library that knows all time zones is loaded.
 */
export async function schedulesOf(
  clusters: Inventory['clusters'],
  work: Work,
  options: StateOptions,
  environment: Environment,
  problems: Problems,
): Promise<ReadonlyMap<string, ClusterSchedule>> {
  if (![...clusters.values()].some(({ window, closed, expected }) => window ?? closed ?? expected)) return new Map();
  const { readSchedules, warnOfClosedWindows } = await import('../../fleet/schedule.ts');
  const recorded = await recordedDurations(work, options, environment, problems);
  const now = environment.wallClock().getTime();
  const schedules = readSchedules(clusters, recorded, problems, now);
  if (!problems.hasErrors) warnOfClosedWindows(clusters, schedules, now, problems);
  return schedules;
}

async function recordedDurations(
  work: Work,
  options: StateOptions,
  environment: Environment,
  problems: Problems,
): Promise<readonly ClusterDuration[]> {
  const { RunStore } = await import('../../journal/run-store.ts');
  const store = new RunStore(runsDirectory(environment, options));
  try {
    return store.durations(work);
  } catch (error) {
    problems.warning(
      `${store.directory} cannot be read: ${describeSystemError(error)}; how long runs took is not known`,
      ['--state'],
      'make it readable, or choose another state directory: --state /some/directory',
    );
    return [];
  }
}
