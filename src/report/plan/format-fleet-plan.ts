import { count } from '../../core/count.ts';
import { DAY_MS, formatDuration } from '../../core/duration.ts';
import type { PlanTotals } from '../../core/events/plan.ts';
import type { WavePlan } from '../../core/events/rollout.ts';
import type { FleetPlanShown } from '../reporter.ts';
import { createStyle, type Style, type TextOptions } from '../text/style.ts';
import { formatDay, formatLeft, parseDate, UTC } from '../text/time.ts';
import { displayWidth, flow, hang, padEnd, widest, wrap } from '../text/width.ts';
import {
  type FleetPlan,
  hasWork,
  isLeft,
  isShut,
  isStarted,
  mayNeedRescue,
  nameOf,
  type PlacedCluster,
  shutOutcome,
  totalsOf,
} from './fleet-plan.ts';
import { stopsBefore, turnsOf } from './fleet-turns.ts';
import { heldSentence, summedTotals, totalsSentence } from './plan-totals.ts';

/** How the plan of a fleet is laid out. */
export interface FleetPlanOptions extends TextOptions {
  /** The current time, for the remaining days. */
  readonly now: Date;
  /** IANA zone of the dates; default `UTC`. */
  readonly timeZone?: string;
  readonly shows: FleetPlanShown;
}

const GAP = '  ';
/** If the last column would be narrower than this, its text goes below the others. */
const MIN_LAST_WIDTH = 30;

/** The title of the last column. */
export const FLEET_PLAN_STARTS = 'STARTS';

/** Labels for the cells of these columns if there are no columns. */
const TITLES: Readonly<Record<string, string>> = { WAVE: 'wave', 'FIRST EXPIRY': 'first expiry' };

/** Which columns have content. */
interface Columns {
  readonly hasWaves: boolean;
  readonly hasExpiries: boolean;
}

const HINT_OF_WINDOWS =
  'A run refuses clusters outside their windows; --window wait waits for them, --window skip skips them.';
const HINT_OF_PLAN =
  'To see what each task does to each host, use -v, -l cluster:NAME or -l HOST for one cluster, or -o json.';
const HINT_OF_RUN = 'To see what each task does to each host, use kplay plan -v, or kplay run -v.';
const HINT_OF_WORKERS =
  'To see what each task does to each host, use kplay plan -v on a machine that reaches the cluster, such as that of its worker.';

/** The line of a cluster: one cell per column; the last cell may be long. */
export interface FleetPlanRow {
  readonly cells: readonly string[];
  readonly last: string;
  readonly isBad: boolean;
}

/** The plan of a fleet in its parts. */
export interface FleetPlanParts {
  readonly title: string;
  /** The titles of all columns but the last, which is `STARTS`. */
  readonly head: readonly string[];
  readonly rows: readonly FleetPlanRow[];
  /** The totals, and how to see more. */
  readonly sentences: readonly string[];
}

/**
 * A line per cluster, in the order in which they would start: what is to be done, the first end of a certificate, when it may start, and
 * why not now; then the totals, and how to see more. Empty unless the play has several clusters.
 */
export function formatFleetPlan(plan: FleetPlan, options: FleetPlanOptions): readonly string[] {
  const parts = fleetPlanParts(plan, options);
  if (!parts) return [];
  const style = createStyle(options);
  const paragraph = (sentence: string) => wrap(style.text(sentence), options.width);
  return [...paragraph(parts.title), '', ...fleetPlanTable(parts, options), '', ...parts.sentences.flatMap(paragraph)];
}

/** The same in parts, of which only the rows are escaped; undefined unless the play has several clusters. */
export function fleetPlanParts(plan: FleetPlan | undefined, options: FleetPlanOptions): FleetPlanParts | undefined {
  const clusters = plan?.clusters ?? [];
  if (!plan || clusters.length === 0) return undefined;
  const { shows } = options;
  const hasWaves = clusters.some(({ wave }) => wave);
  const sums = summedTotals(clusters.map(totalsOf));
  const order = hasWaves ? 'wave by wave' : 'in the order in which they start';
  const { head, rows, held } = rowsOf(plan, options, hasWaves);
  return {
    title: `Plan for '${plan.play}': ${count(clusters.length, 'cluster')}, ${order}.`,
    head,
    rows,
    sentences: [
      totalsSentence(sums),
      ...heldSentence(held.map(totalsOf)),
      ...(!shows.isOfRun && clusters.some((cluster) => isShut(cluster) && !shutOutcome(cluster, shows.whenShut))
        ? [HINT_OF_WINDOWS]
        : []),
      ...(plan.isOfWorkers ? [HINT_OF_WORKERS] : shows.isDetailed ? [] : [shows.isOfRun ? HINT_OF_RUN : HINT_OF_PLAN]),
    ],
  };
}

/** The rows, and the clusters that do not start, though they have work. */
function rowsOf(
  plan: FleetPlan,
  options: FleetPlanOptions,
  hasWaves: boolean,
): Pick<FleetPlanParts, 'head' | 'rows'> & { readonly held: readonly PlacedCluster[] } {
  const { clusters } = plan;
  const style = createStyle(options);
  const { shows } = options;
  const columns = { hasWaves, hasExpiries: clusters.some(({ plan: own }) => own?.facts) };
  const head = [
    '',
    'CLUSTER',
    ...(hasWaves ? ['WAVE'] : []),
    'TO DO',
    ...(columns.hasExpiries ? ['FIRST EXPIRY'] : []),
  ];
  const started = clusters.filter(isStarted);
  const turns = turnsOf(clusters, {
    maxFailed: plan.maxFailed,
    sideBySide: plan.sideBySide ?? shows.sideBySide,
    areWindowsOverridden: shows.whenShut === 'overridden',
  });
  const stops = stopsBefore(clusters, {
    maxFailed: plan.maxFailed,
    whenShut: shows.whenShut,
  });
  const rows = clusters.map((cluster) =>
    rowOf(
      cluster,
      started.indexOf(cluster) + 1,
      { turn: turns.get(cluster), stop: stops.get(cluster) },
      { ...columns, style, options },
    ),
  );
  const isHeld = (cluster: PlacedCluster) => stops.has(cluster) || isLeft(cluster, shows.whenShut);
  return { head, rows, held: clusters.filter((cluster) => hasWork(cluster) && isHeld(cluster)) };
}

/** A line per cluster: columns if the last one has enough room, otherwise the same clauses in sequence, in more lines. */
export function fleetPlanTable({ head, rows }: FleetPlanParts, options: TextOptions): readonly string[] {
  const style = createStyle(options);
  const { width } = options;
  const widths = head.map((title, column) => widest([title, ...rows.map(({ cells }) => cells[column] ?? '')]));
  const padded = (cells: readonly string[]) => cells.map((cell, column) => padEnd(cell, widths[column] ?? 0)).join(GAP);
  const before = widths.reduce((all, each) => all + each + GAP.length, 0);
  const paint = ({ isBad }: FleetPlanRow, line: string) => (isBad ? style.colors.yellow(line) : line);
  if (width - before >= Math.min(MIN_LAST_WIDTH, widest(rows.map(({ last }) => last)))) {
    return [
      style.colors.dim(`${padded(head)}${GAP}${FLEET_PLAN_STARTS}`),
      ...rows.flatMap((row) =>
        hang(padded(row.cells) + GAP, row.last, width).map((line) => paint(row, line.trimEnd())),
      ),
    ];
  }
  return rows.flatMap((row) => {
    const [number = '', ...cells] = row.cells;
    const indent = ' '.repeat((widths[0] ?? 0) + 1);
    const titled = cells.map((cell, index) => {
      const title = TITLES[head[index + 1] ?? ''];
      return title === undefined || cell === '' ? cell : `${title} ${cell}`;
    });
    const lines = flow([...titled, row.last], width - displayWidth(indent));
    return lines.map((line, index) =>
      paint(row, index === 0 ? `${padEnd(number, indent.length)}${line}` : `${indent}${line}`),
    );
  });
}

function rowOf(
  cluster: PlacedCluster,
  number: number,
  others: Others,
  {
    hasWaves,
    hasExpiries,
    style: { text },
    options,
  }: Columns & { readonly style: Style; readonly options: FleetPlanOptions },
): FleetPlanRow {
  const { wave } = cluster;
  return {
    cells: [
      isStarted(cluster) ? `${number}` : '-',
      text(nameOf(cluster)),
      ...(hasWaves ? [text(wave?.name ?? '')] : []),
      text(workOf(cluster)),
      ...(hasExpiries ? [text(expiryOf(cluster, options))] : []),
    ],
    last: text(
      [startText(cluster, others, options.shows), contactOf(cluster)].filter((clauses) => clauses !== '').join('; '),
    ),
    isBad: !isStarted(cluster) || cluster.isLate || cluster.unreachable.length > 0 || totalsOf(cluster).refused > 0,
  };
}

/** `3 hosts to change, 1 refused`, `nothing`. */
function workOf(cluster: PlacedCluster): string {
  const { plan, unreachable, refusal } = cluster;
  if (refusal !== undefined) return 'refused';
  const lost = unreachable.length > 0 ? [`${unreachable.length} unreachable`] : [];
  if (!plan) return lost.join('') || 'not planned';
  const { change, mayChange, refused, failing = 0 } = plan.totals;
  const parts = [
    ...(change > 0 ? [`${count(change, 'host')} to change`] : []),
    ...(mayChange > 0 ? [`${mayChange} may change`] : []),
    ...(refused > failing ? [`${refused - failing} refused`] : []),
    ...(failing > 0 ? [`${failing} will fail`] : []),
    ...lost,
  ];
  if (parts.length > 0) return parts.join(', ');
  return mayNeedRescue(cluster) ? 'nothing unless a task fails' : 'nothing';
}

/** `2026-12-01 (5d) apiserver`. */
function expiryOf({ plan }: PlacedCluster, { now, timeZone = UTC }: FleetPlanOptions): string {
  const first = plan?.facts?.expires;
  const ends = first && parseDate(first.ends);
  if (!first || !ends) return 'not known';
  const left = ends.getTime() - now.getTime();
  const word = left <= 0 ? 'expired' : formatLeft(Math.floor(left / DAY_MS));
  return `${formatDay(ends, timeZone)} (${word}) ${first.name}`;
}

function contactOf({ contact }: PlacedCluster): string {
  return contact === undefined ? '' : `contact: ${contact}`;
}

/** What others mean for a cluster. */
interface Others {
  /** Which others of its wave come first. */
  readonly turn: string | undefined;
  /** Why the rollout stops before it. */
  readonly stop: string | undefined;
}

/** When it would start, or why not. */
function startText(cluster: PlacedCluster, { turn, stop }: Others, { whenShut }: FleetPlanShown): string {
  const { plan, isLate, isLateBehind = false, before } = cluster;
  if (!plan || !isStarted(cluster) || !(hasWork(cluster) || isShut(cluster))) return whyNotAtAll(cluster);
  if (stop !== undefined) return `not at all as things are: ${stop}`;
  const outcome = shutOutcome(cluster, whenShut);
  const conditions = [
    ...(before ? [afterText(before)] : []),
    ...(needsApproval(cluster, outcome) ? ['when it is approved'] : []),
    ...(turn === undefined ? [] : [turn]),
  ];
  const { window } = plan;
  // Without a window to wait for, nothing is late.
  const late = isLate && !isLateBehind && window?.opens !== undefined ? ', which is too late' : '';
  const windowText = window ? [`${window.reason}${late}`] : [];
  const isHeld = window?.state === 'shut' && whenShut !== 'overridden';
  const isNow = conditions.length === 0 && !isHeld;
  const clauses = [
    ...(isNow ? ['now'] : []),
    ...(conditions.length > 0 ? [conditions.join(', ')] : []),
    ...(isLateBehind ? ['that is too late'] : []),
    ...(outcome ? [outcome] : []),
    ...windowText,
    ...(plan.refused === undefined ? [] : [`${areAllFailing(plan.totals) ? '' : 'refused: '}${plan.refused}`]),
  ];
  return clauses.join('; ');
}

/** Nobody has to approve that a cluster is left as it is, nor what only a failure leads to. */
function needsApproval(cluster: PlacedCluster, outcome: ReturnType<typeof shutOutcome>): boolean {
  const { wave } = cluster;
  const isToBeApproved = wave?.approval !== undefined && !wave.isApproved && hasWork(cluster);
  return isToBeApproved && (outcome === undefined || outcome === 'overridden');
}

/** Whether no host is refused: those that do not take part will fail, which the reason says itself. */
function areAllFailing({ refused, failing = 0 }: PlanTotals): boolean {
  return failing > 0 && refused === failing;
}

/** Why a cluster that cannot be changed, or has nothing to do, would not start. */
function whyNotAtAll({ plan, refusal, unreachable }: PlacedCluster): string {
  if (refusal !== undefined) return `not at all: ${refusal.reason}`;
  if (!plan) return unreachable.length > 0 ? 'not at all: none of its hosts could be reached' : 'not at all';
  return plan.refused === undefined ? '' : `not at all: ${plan.refused}`;
}

function afterText({ name, soakMs }: WavePlan): string {
  return `after wave ${name}${soakMs === undefined ? '' : ` and its soak of ${formatDuration(soakMs)}`}`;
}
