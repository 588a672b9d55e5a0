import { clusterText } from '../../core/cluster.ts';
import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { hasItsChanges, isUnreported, stateText } from '../../core/host-state.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import { nameList } from '../../core/name-list.ts';
import { type Change, endOf } from '../../core/plan.ts';
import type { EventOf } from '../reporter.ts';
import { createStyle, type Style, type TextOptions } from '../text/style.ts';
import { formatDay, parseDate, UTC } from '../text/time.ts';
import { hang, padEnd, widest, wrap } from '../text/width.ts';
import { groupBy, noUndoText } from '../text/words.ts';

/** What is said of a run whose question was answered with no. */
export const DECLINED = 'The plan was declined.';

/** How a recap is laid out. */
export interface RecapOptions extends TextOptions {
  /** IANA zone of the dates; default `UTC`. */
  readonly timeZone?: string;
  /** Name every cluster, whatever their number. */
  readonly isWhole?: boolean;
}

interface Counter {
  readonly label: string;
  readonly of: (host: HostRecap) => number;
  readonly color: 'green' | 'yellow' | 'red' | 'dim';
  /** Not a counter of Ansible: dropped first if there is no room and it is zero. */
  readonly optional?: true;
  /** Hidden when it is zero. */
  readonly rare?: true;
}

const COUNTERS: readonly Counter[] = [
  { label: 'ok', of: (host) => host.ok, color: 'green' },
  { label: 'changed', of: (host) => host.changed, color: 'yellow' },
  { label: 'unreachable', of: (host) => host.unreachable, color: 'red' },
  { label: 'failed', of: (host) => host.failed, color: 'red' },
  { label: 'skipped', of: (host) => host.skipped, color: 'dim' },
  { label: 'rescued', of: (host) => host.rescued, color: 'yellow', optional: true },
  { label: 'ignored', of: (host) => host.ignored, color: 'yellow', rare: true },
  { label: 'restored', of: (host) => host.restored, color: 'yellow', optional: true },
  { label: 'refused', of: (host) => host.refused, color: 'red', optional: true },
];

/** The end of a run, in the form for those that could change hosts or for those that could not. Without a final newline. */
export function formatEnd(run: EventOf<'run-finished'>, writes: boolean, options: RecapOptions): string {
  return writes ? formatRecap(run, options) : formatPlanEnd(run, options);
}

/**
 * The end of a run: what happened on each host, the states of hosts that are not simply fine, the result for the certificates, and what to
 * do next. Without a final newline.
 */
export function formatRecap(run: EventOf<'run-finished'>, options: RecapOptions): string {
  const style = createStyle(options);
  const { width, timeZone = UTC, isWhole = false } = options;
  // As in Ansible, it counts hosts on which something was started; the states of others are shown below.
  const started = run.hosts.filter((host) => COUNTERS.some(({ of }) => of(host) > 0));
  const head =
    started.length > 0 ? [style.colors.bold('PLAY RECAP'), ...clusterLines(started, style, width, isWhole)] : [];
  const answer = run.declined ? [DECLINED] : [];
  const noUndo = noUndoText(run.hosts, run.noUndo);
  const sum = [...answer, outcomeSentence(run.hosts, timeZone), ...timeAndExit(run)].join(' ');
  return [
    ...head,
    ...stateLines(run.hosts, style, width),
    ...wrap(style.text(sum), width),
    ...(noUndo === undefined ? [] : wrap(style.text(noUndo), width)),
    ...contactLines(run, style, width),
    ...nextLines(run, style, width),
  ].join('\n');
}

/** The end of a run that only planned: which hosts it has not reached, and what to do next. Without a final newline. */
export function formatPlanEnd(run: EventOf<'run-finished'>, options: RecapOptions): string {
  const style = createStyle(options);
  const missed = run.hosts.filter(({ unreachable }) => unreachable > 0).map(({ host }) => host);
  const unseen = missed.length > 0 ? [`Not reached: ${nameList(missed)}.`] : [];
  const sum = ['Nothing was written.', ...unseen, ...timeAndExit(run)].join(' ');
  return [
    ...wrap(style.text(sum), options.width),
    ...contactLines(run, style, options.width),
    ...nextLines(run, style, options.width),
  ].join('\n');
}

function timeAndExit({ elapsedMs, exitCode }: EventOf<'run-finished'>): readonly string[] {
  return [`${formatDuration(elapsedMs)}.`, ...(exitCode === 0 ? [] : [`Exit ${exitCode}.`])];
}

/** `Contact for cluster prod: Platform team, +49 30 1234` */
function contactLines({ contacts = [] }: EventOf<'run-finished'>, style: Style, width: number): readonly string[] {
  return contacts.flatMap(({ cluster, contact }) =>
    hang(style.text(`Contact for cluster ${cluster}: `), style.text(contact), width),
  );
}

/** A command is never wrapped: half of it could be copied and run, without `--backup ID` for example. */
function nextLines({ next }: EventOf<'run-finished'>, style: Style, width: number): readonly string[] {
  return next.flatMap((text, index) => {
    const room = /\bkplay /.test(text) ? Number.POSITIVE_INFINITY : width;
    return hang(index === 0 ? 'Next: ' : '      ', style.text(text), room);
  });
}

/** With more clusters than this, those without problems are summed up, because readers look for the others. */
const MANY_CLUSTERS = 20;

/** The hosts of each cluster under its name, if there are several. */
function clusterLines(hosts: readonly HostRecap[], style: Style, width: number, isWhole: boolean): readonly string[] {
  const all = groupBy(hosts, ({ cluster }) => (cluster ? clusterText(cluster) : ''));
  const isShown = (own: readonly HostRecap[]): boolean => isWhole || all.size <= MANY_CLUSTERS || !own.every(isWell);
  const clusters = [...all].filter(([, own]) => isShown(own));
  const lines = counterLines(
    clusters.flatMap(([, own]) => own),
    style,
    width,
  );
  let from = 0;
  const shown = clusters.flatMap(([name, { length }]) => {
    const own = lines.slice(from, from + length);
    from += length;
    return name === '' ? own : [style.text(`${name}:`), ...own];
  });
  const fine = all.size - clusters.length;
  if (fine === 0) return shown;
  const others = `${count(fine, clusters.length > 0 ? 'other cluster' : 'cluster')} with ${count(hosts.length - lines.length, 'host')}: all well`;
  return [...shown, ...wrap(`${others}; kplay show RUN -v names them`, width)];
}

/**
 * `prod-m1 : ok=7  changed=6  unreachable=0 …`, aligned, as users of Ansible know it and grep for it. Only in a terminal that is too
 * narrow for the counters that count has a host more than one line.
 */
function counterLines(hosts: readonly HostRecap[], style: Style, width: number): readonly string[] {
  const table = (counters: readonly Counter[]) => {
    const nameWidth = widest(hosts.map(({ host }) => style.text(host)));
    const cellWidths = counters.map(({ label, of }) => widest(hosts.map((host) => `${label}=${of(host)}`)));
    return hosts.map((host) => {
      const cells = counters.map((counter, index) => {
        const cell = padEnd(`${counter.label}=${counter.of(host)}`, cellWidths[index] ?? 0);
        return counter.of(host) > 0 ? style.colors[counter.color](cell) : cell;
      });
      return { name: `${padEnd(style.text(host.host), nameWidth)} : `, cells: cells.join('  ').trimEnd() };
    });
  };
  const isCounting = ({ of }: Counter) => hosts.some((host) => of(host) > 0);
  const counters = COUNTERS.filter((counter) => !counter.rare || isCounting(counter));
  const tables = [
    table(counters),
    table(counters.filter((counter) => !counter.optional || isCounting(counter))),
    table(counters.filter((counter, index) => index === 0 || isCounting(counter))),
  ];
  const lines = (rows: ReturnType<typeof table>) => rows.map(({ name, cells }) => name + cells);
  const trimmed = (parts: readonly string[]) => parts.map((part) => part.trimEnd()).join('\n');
  const fitting = tables.map(lines).find((all) => widest(all) <= width);
  return fitting ?? (tables.at(-1) ?? []).map(({ name, cells }) => trimmed(hang(name, cells, width)));
}

/** The state of every host, if any of them is not simply fine. */
function stateLines(hosts: readonly HostRecap[], style: Style, width: number): readonly string[] {
  if (hosts.every((host) => isWell(host) && COUNTERS.some(({ of }) => of(host) > 0))) return [];
  const clauses = [...groupBy(hosts, stateText)].map(
    ([state, members]) => `${nameList(members.map(({ host }) => host))} ${state}`,
  );
  return hang('State: ', style.text(`${clauses.join(' · ')}.`), width);
}

function isWell({ state, failed, unreachable, refused }: HostRecap): boolean {
  return failed + unreachable + refused === 0 && (state === 'changed' || state === 'unchanged');
}

/** The result of the run: `30 certificates renewed on 3 hosts: 2026-11-23 → 2027-11-24.` */
export function outcomeSentence(all: readonly HostRecap[], timeZone: string): string {
  // A host may be taking them back, or the first steps of its undo may have succeeded. What a playbook of the user has
  // done is not taken back, and `kplay check` would not show it.
  const isUncertain = (recap: HostRecap) => !hasItsChanges(recap) && recap.changes.some(isOfCertificate);
  const uncertain = all.filter(isUncertain);
  const hosts = all.filter((host) => !isUncertain(host));
  const made = (isWanted: (change: Change) => boolean) => hosts.flatMap(({ changes }) => changes.filter(isWanted));
  const where = (isWanted: (change: Change) => boolean) =>
    count(hosts.filter(({ changes }) => changes.some(isWanted)).length, 'host');
  const days = (sides: readonly Json[]) => dayRange(sides, timeZone);
  const renewals = made(isRenewal);
  const firsts = made(isFirst);
  const restored = made(isRestored);
  const sentences = [];
  if (renewals.length > 0) {
    const ends = `${days(renewals.map(({ before }) => before))} → ${days(renewals.map(({ after }) => after))}`;
    sentences.push(`${count(renewals.length, 'certificate')} renewed on ${where(isRenewal)}: ${ends}.`);
  }
  if (firsts.length > 0) {
    const ends = days(firsts.map(({ after }) => after));
    sentences.push(`${count(firsts.length, 'certificate')} made on ${where(isFirst)}, to expire ${ends}.`);
  }
  if (restored.length > 0) {
    const ends = days(restored.map(({ after }) => after));
    sentences.push(`${count(restored.length, 'certificate')} restored on ${where(isRestored)}, to expire ${ends}.`);
  }
  if (uncertain.length > 0) {
    const where = count(uncertain.length, 'host');
    const why = uncertain.every(({ state }) => state === 'not-restored') ? ' that could not be restored' : '';
    sentences.push(`kplay check shows what is left of the changes on ${where}${why}.`);
  }
  if (sentences.length > 0) return sentences.join(' ');
  const others = made(isReal).length;
  if (others === 0) {
    // For a large rollout only the workers know what was changed.
    const changed = hosts.filter(({ state, changes }) => state === 'changed' && changes.length === 0).length;
    if (changed > 0) return `${count(changed, 'host')} changed.`;
    if (hosts.some(isUnreported)) return 'What was changed is not known here.';
    if (hosts.some(isUnfinished)) return 'No change was completed.';
    return hosts.some(({ left }) => left) ? 'This run changed nothing.' : 'Nothing changed.';
  }
  return `${count(others, 'change')} on ${where(isReal)}.`;
}

/** Something was started on the host, or left undone; its state is not among its changes. */
function isUnfinished({ state, left }: HostRecap): boolean {
  return state !== 'changed' && state !== 'unchanged' && state !== 'restored' && !left;
}

function isRenewal(change: Change): boolean {
  const { before, after } = change;
  return endOf(after) !== undefined && endOf(before) !== undefined && !isRestored(change);
}

/** A certificate that did not exist before. */
function isFirst(change: Change): boolean {
  const { before, after } = change;
  return endOf(after) !== undefined && endOf(before) === undefined && !isRestored(change);
}

/** A certificate restored from a backup. */
function isRestored({ after }: Change): boolean {
  return isJsonObject(after) && after['restored'] !== undefined;
}

/** Whether it describes a certificate: one that is new, restored or moved aside. */
function isOfCertificate({ before, after }: Change): boolean {
  return [before, after].some(
    (side) => isJsonObject(side) && ['ends', 'restored', 'serial'].some((key) => side[key] !== undefined),
  );
}

function isReal({ kind }: Change): boolean {
  return kind !== 'look';
}

/** The days on which certificates end: `2026-11-23`, or `2026-11-23 to 2026-12-01`. */
function dayRange(sides: readonly Json[], timeZone: string): string {
  const days = sides
    .flatMap((side) => parseDate(endOf(side) ?? '') ?? [])
    .map((date) => formatDay(date, timeZone))
    .sort();
  const [first = 'unknown', last = first] = [days[0], days.at(-1)];
  return first === last ? first : `${first} to ${last}`;
}
