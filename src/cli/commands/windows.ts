import type { Opening } from '../../calendar/model.ts';
import { openings } from '../../calendar/openings.ts';
import { calendarText, zoneOf } from '../../calendar/text.ts';
import { momentText } from '../../calendar/zone.ts';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { formatDuration } from '../../core/duration.ts';
import type { Json } from '../../core/json.ts';
import { type ClusterSchedule, clusterWindow, readSchedules } from '../../fleet/schedule.ts';
import type { Cluster } from '../../inventory/inventory.ts';
import { table } from '../../report/table.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { readInventory } from '../inputs.ts';
import type { HostOptions, OutputOptions } from '../options.ts';
import { showDiagnostics } from '../output.ts';

export interface WindowsCommandOptions extends Pick<HostOptions, 'inventory'>, Pick<OutputOptions, 'output' | 'color'> {
  readonly next: number;
}

/** `kplay windows`: when each cluster of an inventory may be changed. Nothing is contacted. */
export async function windows(options: WindowsCommandOptions, environment: Environment): Promise<number> {
  const problems = new Problems();
  const inventory = readInventory(options.inventory, problems);
  const clusters = [...(inventory?.clusters.values() ?? [])];
  if (inventory && clusters.length === 0 && !problems.hasErrors)
    problems.error(
      `the inventory ${options.inventory.join(' ')} declares no clusters`,
      undefined,
      'give a group kplay_cluster: { name: prod, window: "Tue-Thu 01:00-04:00 Europe/Berlin" } among its vars',
    );
  const schedules = readSchedules(inventory?.clusters ?? new Map(), problems);
  if (problems.hasErrors) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
  const now = environment.wallClock().getTime();
  const looks = clusters.map((cluster) => lookAt(cluster, schedules.get(cluster.name), now, options.next));
  const { stdout } = environment;
  if (options.output === 'json')
    stdout.write(`${JSON.stringify({ version: 1, clusters: looks.map(asJson) }, null, 2)}\n`);
  else stdout.write(table(['CLUSTER', 'NOW', 'OPEN', 'FOR'], looks.flatMap(rowsOf)));
  return EXIT.good;
}

interface Look {
  readonly cluster: Cluster;
  readonly schedule: ClusterSchedule | undefined;
  readonly now: number;
  readonly next: readonly Opening[];
}

function lookAt(cluster: Cluster, schedule: ClusterSchedule | undefined, now: number, count: number): Look {
  const next: Opening[] = [];
  for (const opening of schedule ? openings(schedule.calendar, now) : []) {
    if (next.length === count) break;
    next.push(opening);
  }
  return { cluster, schedule, now, next };
}

function rowsOf({ cluster, schedule, now, next }: Look): readonly (readonly string[])[] {
  if (!schedule) return [[cluster.name, 'open', 'at any time', '']];
  const { state } = clusterWindow(schedule, now, schedule.expected);
  const zone = zoneOf(schedule.calendar);
  if (next.length === 0) return [[cluster.name, state, 'never again', '']];
  return next.map(({ start, end }, index) => {
    const isShort =
      end - Math.max(start, now) < schedule.expected
        ? ` (a run is expected to take ${formatDuration(schedule.expected)})`
        : '';
    const length = Number.isFinite(end - start) ? formatDuration(end - start) : '';
    const from = Number.isFinite(start) ? momentText(start, zone) : 'now';
    const to = Number.isFinite(end) ? '' : ', without an end';
    return [index === 0 ? cluster.name : '', index === 0 ? state : '', from + to, length + isShort];
  });
}

function asJson({ cluster, schedule, now, next }: Look): Json {
  const { name, hosts } = cluster;
  if (!schedule) return { name, hosts, state: 'open', windows: null, expected_s: null, next: [] };
  const { state, reason, opens = null } = clusterWindow(schedule, now, schedule.expected);
  return {
    name,
    hosts,
    state,
    reason,
    opens,
    windows: calendarText(schedule.calendar),
    expected_s: schedule.expected / 1000,
    next: next.map(({ start, end }) => ({ from: iso(start), to: iso(end) })),
  };
}

function iso(moment: number): Json {
  return Number.isFinite(moment) ? new Date(moment).toISOString() : null;
}
