import { count } from '../../core/count.ts';
import { nameList } from '../../core/name-list.ts';
import { createStyle, type Style, type TextOptions } from '../text/style.ts';
import { sortedBy, type TableView } from '../text/table.ts';
import { formatDay, formatLeft, formatMinute, parseDate, UTC } from '../text/time.ts';
import { displayWidth, hang, indentRest, wrap } from '../text/width.ts';
import { groupBy } from '../text/words.ts';
import type { CertificateRow } from './certificate-row.ts';
import { certificateTable } from './certificate-table.ts';

export interface CertificateOptions extends TextOptions {
  /** What was checked: `prod · 3 masters`. */
  readonly title: string;
  /** The rule for what is due: `30d`; undefined if hosts have different ones. */
  readonly renewBefore: string | undefined;
  readonly now: Date;
  /** Also show subject, names, key, serial and path of each certificate. */
  readonly wide: boolean;
  /** IANA zone; default `UTC`. */
  readonly timeZone?: string;
  /** Without titles only the rows are shown. */
  readonly view?: TableView;
  /** Hosts without certificates. */
  readonly without?: readonly string[];
  /** Hosts that could not be read. */
  readonly unseen?: readonly string[];
  /** Hosts by the reason why their API has not answered completely. */
  readonly apiNotAsked?: ReadonlyMap<string, readonly string[]>;
}

const HOUR_MS = 3_600_000;
const INDENT = '    ';
/** Keeps a CA and its end on one line. */
const NO_BREAK = '\u00a0';
const URGENCIES: readonly CertificateRow['urgency'][] = ['broken', 'unloaded', 'due', 'unknown', 'harmless', 'good'];

/**
 * The certificates of a cluster, the most urgent first, with a summary above and a line about the CAs below. At 80 columns it drops the
 * time of day, then the signer. Without a final newline.
 */
export function formatCertificates(rows: readonly CertificateRow[], options: CertificateOptions): string {
  const style = createStyle(options);
  const leaves = rows.filter(({ kind }) => kind === 'leaf');
  const authorities = rows.filter(({ kind }) => kind === 'authority');
  const { view = {}, timeZone = UTC } = options;
  const table = certificateTable(inOrder(leaves, view), {
    ...options,
    style,
    timeZone,
    headers: view.headers,
  });
  if (view.headers === false) return table.slice(1).join('\n');
  return [
    ...headline(leaves, authorities, style, options),
    '',
    ...table,
    ...(authorities.length > 0 ? authorityLines(authorities, style, options) : []),
    ...hostLines('No kubeadm certificates on: ', options.without, style, options),
    ...hostLines('Not looked at: ', options.unseen, style, options),
    ...[...(options.apiNotAsked ?? [])].flatMap(([reason, hosts]) =>
      indentRest(style.text(`API not read on ${nameList(hosts)}: ${reason}`), INDENT, options.width),
    ),
  ].join('\n');
}

function hostLines(
  head: string,
  hosts: readonly string[] | undefined,
  style: Style,
  { width }: CertificateOptions,
): readonly string[] {
  return hosts === undefined || hosts.length === 0 ? [] : hang(head, style.text(`${hosts.join(', ')}.`), width);
}

const CELLS: Readonly<Record<string, (row: CertificateRow) => string>> = {
  host: ({ host }) => host,
  certificate: ({ name }) => name,
  // Certificates without a known expiry come last.
  expires: ({ ends }) => ends ?? '9999',
};

function inOrder(rows: readonly CertificateRow[], { sortBy = '' }: TableView): readonly CertificateRow[] {
  const cell = CELLS[sortBy];
  return cell ? sortedBy(rows, cell) : byUrgency(rows);
}

function byUrgency(rows: readonly CertificateRow[]): readonly CertificateRow[] {
  const rank = ({ urgency }: CertificateRow) => URGENCIES.indexOf(urgency);
  // Certificates of one renewal, made within a minute, stay together, host by host.
  const end = ({ ends }: CertificateRow) =>
    Math.floor(((ends === null ? undefined : parseDate(ends)?.getTime()) ?? 0) / HOUR_MS);
  return [...rows].sort((a, b) => rank(a) - rank(b) || end(a) - end(b));
}

/** `prod · 3 masters · 33 certificates · 12 expired, 21 due within 30d      2026-11-24 15:12 UTC`. */
function headline(
  rows: readonly CertificateRow[],
  authorities: readonly CertificateRow[],
  style: Style,
  options: CertificateOptions,
): readonly string[] {
  const { title, renewBefore, now, timeZone = UTC, width } = options;
  const within = renewBefore === undefined || renewBefore === 'all' ? '' : ` within ${renewBefore}`;
  const broken = groupBy(
    rows.filter(({ urgency }) => urgency === 'broken'),
    ({ condition }) => condition,
  );
  const number = (wanted: CertificateRow['urgency']) => rows.filter(({ urgency }) => urgency === wanted).length;
  const [unloaded, due, harmless] = [number('unloaded'), number('due'), number('harmless')];
  const unknown = groupBy(
    rows.filter(({ urgency }) => urgency === 'unknown'),
    ({ condition }) => condition,
  );
  const states = [
    ...[...broken].map(([condition, { length }]) => `${length} ${condition}`),
    ...(unloaded > 0 ? [`${unloaded} to be restarted`] : []),
    ...(due > 0 ? [`${due} due${within}`] : []),
    ...[...unknown].map(([condition, { length }]) => `${length} ${condition}`),
    ...(harmless > 0 ? [`${harmless} expired (self-signed)`] : []),
  ];
  const none = rows.length > 0 ? [`none due${within}`] : [];
  const sum = [...(states.length > 0 ? states : none), ...authorityStates(authorities)].join(', ');
  const left = style.text([title, count(rows.length, 'certificate'), ...(sum === '' ? [] : [sum])].join(' · '));
  const right = `${formatMinute(now, timeZone)} ${timeZone}`;
  const gap = width - displayWidth(left) - displayWidth(right);
  if (gap < 3 || !Number.isFinite(gap)) return [...wrap(left, width), style.colors.dim(right)];
  return [left + ' '.repeat(gap) + style.colors.dim(right)];
}

/** `3 CAs expire soon`: each CA is counted once, whatever the number of its hosts. */
function authorityStates(rows: readonly CertificateRow[]): readonly string[] {
  const number = (among: readonly CertificateRow[]) => new Set(among.map(({ name, ends }) => `${name} ${ends}`)).size;
  const of = (wanted: CertificateRow['urgency']) => rows.filter(({ urgency }) => urgency === wanted);
  const broken = groupBy(of('broken'), ({ condition }) => condition);
  const ending = number(of('due'));
  return [
    ...[...broken].map(([condition, among]) => `${count(number(among), 'CA')} ${condition}`),
    ...(ending > 0 ? [`${count(ending, 'CA expires', 'CAs expire')} soon`] : []),
  ];
}

/** `CAs: ca 2036-11-21 (9y) · etcd-ca 2036-11-21 (9y)`; with host names if hosts have different ones. */
function authorityLines(rows: readonly CertificateRow[], style: Style, options: CertificateOptions): readonly string[] {
  if (rows.length === 0) return [];
  const { timeZone = UTC, width } = options;
  const clauses = [...groupBy(rows, ({ name }) => name)].map(([name, ofName]) => {
    const kinds = [...groupBy(ofName, (row) => endOfAuthority(row, timeZone))];
    if (kinds.length === 1) return `${name}${NO_BREAK}${kinds[0]?.[0]}`;
    return `${name} ${kinds.map(([end, on]) => `${end} on ${nameList(on.map(({ host }) => host))}`).join('; ')}`;
  });
  return hang('CAs: ', style.text(clauses.join(' · ')), width).map((line) => line.replaceAll(NO_BREAK, ' '));
}

function endOfAuthority({ ends, daysLeft, urgency, condition }: CertificateRow, timeZone: string): string {
  const date = ends === null ? undefined : parseDate(ends);
  const state = urgency === 'good' ? '' : ` ${condition}`;
  if (!date) return condition;
  return `${formatDay(date, timeZone)}${daysLeft === null ? '' : `${NO_BREAK}(${formatLeft(daysLeft)})`}${state}`;
}
