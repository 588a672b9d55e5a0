import type { Opening } from '../../calendar/opening.ts';
import { HORIZON_DAYS, mayOpenLater, openings } from '../../calendar/openings.ts';
import { calendarText, zoneOf } from '../../calendar/text.ts';
import { momentText } from '../../calendar/zone.ts';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { formatDuration } from '../../core/duration.ts';
import type { Json } from '../../core/json.ts';
import { type ClusterSchedule, clusterWindow, expectedText } from '../../fleet/schedule.ts';
import type { Cluster } from '../../inventory/inventory.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import { sortedBy, table } from '../../report/text/table.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { schedulesOf } from '../fleet/schedules.ts';
import { inventoryOf } from '../inputs/inputs.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { checkTableOptions, type TableOptions } from '../options/table-options.ts';
import { screenWidth, showDiagnostics } from '../output/output.ts';
import { renewalWork } from '../run/work.ts';

export interface WindowsCommandOptions
  extends Pick<HostOptions, 'inventory'>,
    Pick<OutputOptions, 'output' | 'color'>,
    StateOptions,
    TableOptions {
  readonly next: number;
}

/** `kplay windows`: when each cluster of an inventory may be changed. No host is contacted. */
export async function windows(options: WindowsCommandOptions, environment: Environment): Promise<number> {
  checkTableOptions(options);
  const problems = new Problems();
  const { inventory, clusters: declared } = inventoryOf(options.inventory, problems);
  const clusters = [...declared.values()];
  if (inventory && clusters.length === 0 && !problems.hasErrors)
    problems.error(
      `the inventory ${options.inventory.join(' ')} declares no clusters`,
      ['--inventory'],
      'give a group kplay_cluster: { name: prod, window: "Tue-Thu 01:00-04:00 Europe/Berlin" } among its vars',
    );
  const schedules = await schedulesOf(declared, renewalWork(), options, environment, problems);
  if (problems.hasErrors) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
  const now = environment.wallClock().getTime();
  const clusterWindows = clusters.map((cluster) => windowsOf(cluster, schedules.get(cluster.name), now, options.next));
  const { stdout } = environment;
  if (isDocument(options.output))
    stdout.write(await documentText(options.output, { version: 1, clusters: clusterWindows.map(asJson) }));
  else {
    const narrow = { width: screenWidth(stdout), optional: ['A RUN TAKES'], cut: 'CLUSTER' };
    stdout.write(
      table(HEAD, inOrder(clusterWindows, options).flatMap(rowsOf), { headers: options.headers, ...narrow }),
    );
  }
  return EXIT.good;
}

const HEAD = ['CLUSTER', 'NOW', 'OPEN', 'FOR', 'A RUN TAKES'];

/** A cluster has several rows; it is sorted by the first. */
function inOrder(clusterWindows: readonly ClusterWindows[], { sortBy }: TableOptions): readonly ClusterWindows[] {
  const column = HEAD.findIndex((title) => title.toLowerCase() === sortBy);
  return column < 0 ? clusterWindows : sortedBy(clusterWindows, (each) => rowsOf(each)[0]?.[column] ?? '');
}

interface ClusterWindows {
  readonly cluster: Cluster;
  readonly schedule: ClusterSchedule | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly next: readonly Opening[];
}

function windowsOf(
  cluster: Cluster,
  schedule: ClusterSchedule | undefined,
  now: number,
  count: number,
): ClusterWindows {
  const next: Opening[] = [];
  for (const opening of schedule ? openings(schedule.calendar, now) : []) {
    if (next.length === count) break;
    next.push(opening);
  }
  return { cluster, schedule, now, next };
}

function rowsOf({ cluster, schedule, now, next }: ClusterWindows): readonly (readonly string[])[] {
  if (!schedule) return [[cluster.name, 'open', 'at any time', '', '']];
  const { expected, calendar } = schedule;
  const { state } = clusterWindow(schedule, now, expected.ms);
  const zone = zoneOf(calendar);
  if (next.length === 0) {
    const never = mayOpenLater(calendar, now) ? `not within ${HORIZON_DAYS} days` : 'never again';
    return [[cluster.name, state, never, '', expectedText(expected)]];
  }
  return next.map(({ start, end, isCut }, index) => {
    const hasStart = Number.isFinite(start);
    const lasts = end - (hasStart ? start : now);
    const isTooShort = end - Math.max(start, now) < expected.ms;
    const what = lasts < expected.ms ? 'too short' : 'too little of it left';
    const length = Number.isFinite(lasts) ? `${formatDuration(lasts)}${isCut ? ' or longer' : ''}` : '';
    const from = hasStart ? momentText(start, zone) : 'now';
    // When something closes that has always been open does not follow from its start.
    const until = (): string => (hasStart ? '' : `, until ${momentText(end, zone)}${isCut ? ' or later' : ''}`);
    const to = Number.isFinite(end) ? until() : ', without an end';
    const isFirst = index === 0;
    const [name, at, takes] = isFirst ? [cluster.name, state, expectedText(expected)] : ['', '', ''];
    return [name, at, from + to, isTooShort ? `${length} (${what} for a run)` : length, takes];
  });
}

function asJson({ cluster, schedule, now, next }: ClusterWindows): Json {
  const { name, hosts } = cluster;
  if (!schedule)
    return {
      name,
      hosts,
      state: 'open',
      reason: null,
      opens: null,
      windows: null,
      expected_s: null,
      expected_from: null,
      next: [],
    };
  const { state, reason, opens = null } = clusterWindow(schedule, now, schedule.expected.ms);
  return {
    name,
    hosts,
    state,
    reason,
    opens,
    windows: calendarText(schedule.calendar),
    expected_s: schedule.expected.ms / 1000,
    expected_from: schedule.expected.source,
    next: next.map(({ start, end, isCut }) => ({ from: iso(start), to: isCut ? null : iso(end) })),
  };
}

function iso(moment: number): Json {
  return Number.isFinite(moment) ? new Date(moment).toISOString() : null;
}
