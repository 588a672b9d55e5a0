import { clusterText } from '../../core/cluster.ts';
import { formatDuration } from '../../core/duration.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { stateText } from '../../core/host-state.ts';
import type { Change } from '../../core/plan.ts';
import { endOf } from '../task-summary.ts';
import { formatDay, parseDate, UTC } from '../time.ts';
import { targetText } from '../words.ts';
import { htmlText } from './html-text.ts';
import type { RunRecord, TaskEnd, Undo } from './run-record.ts';

/** A stretch of time, in milliseconds since 1970. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Renewal {
  readonly target: string;
  readonly before: Date | undefined;
  readonly after: Date;
}

/** Each host with its certificates before and after and what it did when; those that did not come through first, and open. */
export function hostSections(run: RunRecord): string {
  const tasks = groupByHost(run.plays.flatMap((play) => play.tasks));
  const undos = groupByHost(run.plays.flatMap((play) => play.undos));
  const renewals = new Map(run.hosts.map(({ host, changes }) => [host, changes.flatMap(renewalOf)]));
  const ends = [...renewals.values()].flat().flatMap(({ before, after }) => [after, ...(before ? [before] : [])]);
  const time = spanOf(ends.map((end) => end.getTime()));
  const started = Date.parse(run.startedAt);
  const whole: Span = { from: started, to: Math.max(started + 1, Date.parse(run.end?.endedAt ?? run.startedAt)) };
  const sorted = [...run.hosts].sort((a, b) => Number(isWell(a)) - Number(isWell(b)));
  return sorted
    .map((recap) => {
      const { host } = recap;
      const backups = recap.changes
        .filter(isBackup)
        .map(({ target }) => `<p>Backup: <code>${htmlText(target)}</code></p>`);
      const parts = [
        certificateRows(renewals.get(host) ?? [], time),
        timeline(tasks.get(host) ?? [], undos.get(host) ?? [], whole),
        changeList(recap),
        ...backups,
      ].filter((part) => part !== '');
      return `<details class="host${isWell(recap) ? '' : ' bad'}"${isWell(recap) ? '' : ' open'}><summary>${headOf(recap)}</summary>${parts.join('\n')}</details>`;
    })
    .join('\n');
}

function headOf(recap: HostRecap): string {
  const { host, cluster, ok, changed, failed, unreachable, refused, skipped, restored } = recap;
  const counts = Object.entries({ ok, changed, failed, unreachable, refused, skipped, restored })
    .filter(([, number]) => number > 0)
    .map(([name, number]) => `${name}=${number}`)
    .join(' ');
  const state = `<span class="${isWell(recap) ? 'good' : 'isbad'}">${htmlText(stateText(recap))}</span>`;
  const of = cluster ? ` <span>${htmlText(clusterText(cluster))}</span>` : '';
  return `<b>${htmlText(host)}</b>${state} <span>${counts}</span>${of}`;
}

function isWell({ failed, unreachable, refused, state }: HostRecap): boolean {
  return failed + unreachable + refused === 0 && (state === 'changed' || state === 'unchanged');
}

function isBackup({ kind, target }: Change): boolean {
  return kind === 'create' && /\/\d{8}T\d{6}Z-[0-9a-f]{4}$/.test(target);
}

function renewalOf(change: Change): readonly Renewal[] {
  const after = parseDate(endOf(change.after) ?? '');
  return after ? [{ target: targetText(change), before: parseDate(endOf(change.before) ?? ''), after }] : [];
}

/** A line a certificate, from its old end to its new one; the dates stand beside it. */
function certificateRows(renewals: readonly Renewal[], time: Span): string {
  if (renewals.length === 0) return '';
  const rows = renewals.map(({ target, before, after }) => {
    const from = before === undefined ? at(after.getTime(), time) : at(before.getTime(), time);
    const dates = `${before ? `${formatDay(before, UTC)} → ` : ''}${formatDay(after, UTC)}`;
    return row('', htmlText(target), from, at(after.getTime(), time), dates);
  });
  return `<h3>Certificates: old end → new end</h3><ul class="rows ends">${rows.join('')}</ul>`;
}

const BAD = ['failed', 'unreachable', 'refused'];
const IDLE = ['skipped', 'cancelled', 'ok'];

/** When each task ran on the host, within the whole run: where there is nothing it waited for others. */
function timeline(tasks: readonly TaskEnd[], undos: readonly Undo[], whole: Span): string {
  if (tasks.length === 0) return '';
  const rows = [
    ...tasks.map(({ task, outcome, time, elapsedMs }) => {
      const kind = BAD.includes(outcome) ? 'f' : IDLE.includes(outcome) ? 's' : '';
      return stretch(kind, task.name, `${outcome} · ${formatDuration(elapsedMs)}`, time, elapsedMs, whole);
    }),
    ...undos.map(({ succeeded, time, elapsedMs }) => {
      const what = succeeded ? 'restored' : 'not restored';
      return stretch(succeeded ? '' : 'f', 'Restore', `${what} · ${formatDuration(elapsedMs)}`, time, elapsedMs, whole);
    }),
  ];
  return `<h3>Timeline</h3><ul class="rows">${rows.join('')}</ul>`;
}

function stretch(kind: string, name: string, told: string, time: string, elapsedMs: number, whole: Span): string {
  const to = Date.parse(time);
  return row(kind, htmlText(name), at(to - elapsedMs, whole), at(to, whole), told);
}

function row(kind: string, name: string, from: number, to: number, told: string): string {
  const of = kind === '' ? '' : ` class="${kind}"`;
  return `<li${of}><span>${name}</span><i style="--a:${from};--b:${to}"></i><span>${told}</span></li>`;
}

/** What else was changed than certificates. */
function changeList({ changes }: HostRecap): string {
  const others = changes.filter((change) => renewalOf(change).length === 0 && !isBackup(change));
  if (others.length === 0) return '';
  const items = others.map((change) => {
    const { kind, summary } = change;
    return `<li>${kind} <code>${htmlText(targetText(change))}</code>${summary === undefined ? '' : ` ${htmlText(summary)}`}</li>`;
  });
  return `<h3>Other changes</h3><ul>${items.join('')}</ul>`;
}

function spanOf(times: readonly number[]): Span {
  const [from, to] = [
    times.reduce((a, b) => Math.min(a, b), Infinity),
    times.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  return { from, to: Math.max(from + 1, to) };
}

/** Where a moment stands in a span, in per cent. */
function at(moment: number, { from, to }: Span): number {
  return Math.round(Math.min(100, Math.max(0, ((moment - from) / (to - from)) * 100)) * 10) / 10;
}

function groupByHost<Item extends { readonly host: string }>(
  items: readonly Item[],
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.host);
    if (group) group.push(item);
    else groups.set(item.host, [item]);
  }
  return groups;
}
