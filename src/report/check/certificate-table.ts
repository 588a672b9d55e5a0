import type { Style } from '../text/style.ts';
import { record } from '../text/table.ts';
import { formatDay, formatLeft, formatMinute, parseDate } from '../text/time.ts';
import { displayWidth, flow, hang, padEnd, widest } from '../text/width.ts';
import type { CertificateRow } from './certificate-row.ts';

export interface CertificateTableOptions {
  readonly style: Style;
  readonly width: number;
  /** Show everything about each certificate. */
  readonly wide: boolean;
  readonly timeZone: string;
  /** Default true. Without titles there are no records. */
  readonly headers?: boolean | undefined;
}

interface Column {
  readonly head: string;
  readonly cell: (row: CertificateRow) => string;
  readonly color?: (row: CertificateRow) => Color | undefined;
}

type Color = 'red' | 'yellow';

const GAP = '  ';
const MIN_HOST_WIDTH = 12;
const NONE = '-';
const NOTE_INDENT = '    ';

/**
 * The rows as a table in the given order. If it does not fit, these are dropped in order: time of day, signer, day (`LEFT` says as much).
 * If even that does not fit, each row becomes a record, with an empty line before it.
 */
export function certificateTable(rows: readonly CertificateRow[], options: CertificateTableOptions): readonly string[] {
  if (rows.length === 0) return [];
  const { style, timeZone, width, headers = true } = options;
  const moment = (format: typeof formatDay): Column => ({
    head: 'EXPIRES',
    cell: ({ ends }) => {
      const date = ends === null ? undefined : parseDate(ends);
      return date ? format(date, timeZone) : NONE;
    },
  });
  const layouts = [
    [...NAMES, moment(formatMinute), ...STATES, SIGNER],
    [...NAMES, moment(formatDay), ...STATES, SIGNER],
    [...NAMES, moment(formatDay), ...STATES],
  ];
  const notes = widest(rows.map(({ note }) => (note === undefined ? '' : GAP + style.text(note))));
  const fitting = layouts.find((layout) => tableWidth(layout, rows, style) + notes <= width) ?? layouts.at(-1) ?? [];
  const isTooWide = (columns: readonly Column[]) =>
    tableWidth(columns, rows, style) - excessOfHosts(rows, style) > width;
  if (!isTooWide(fitting)) return tableLines(fitting, rows, options);
  const fewest = [...NAMES, ...STATES];
  if (!headers || !isTooWide(fewest)) return tableLines(fewest, rows, options);
  return rows
    .flatMap((row) => ['', ...recordLines([...NAMES, moment(formatDay), ...STATES, SIGNER], row, options)])
    .slice(1);
}

const NAMES: readonly Column[] = [
  { head: 'HOST', cell: ({ host }) => host },
  { head: 'CERTIFICATE', cell: ({ name }) => name },
];

const STATES: readonly Column[] = [
  { head: 'LEFT', cell: ({ daysLeft }) => (daysLeft === null ? NONE : formatLeft(daysLeft)), color: diskColor },
  { head: 'ON DISK', cell: ({ condition }) => condition, color: diskColor },
  {
    head: 'SERVED',
    cell: ({ served }) => served ?? NONE,
    color: ({ served }) => (served === null || served === 'good' ? undefined : served === 'expired' ? 'red' : 'yellow'),
  },
];

const SIGNER: Column = { head: 'SIGNED BY', cell: ({ issuer }) => issuer };

function diskColor({ urgency }: CertificateRow): Color | undefined {
  return urgency === 'good' || urgency === 'unloaded' ? undefined : urgency === 'broken' ? 'red' : 'yellow';
}

function columnWidths(columns: readonly Column[], rows: readonly CertificateRow[], style: Style): readonly number[] {
  return columns.map(({ head, cell }) => widest([head, ...rows.map((row) => style.text(cell(row)))]));
}

function tableWidth(columns: readonly Column[], rows: readonly CertificateRow[], style: Style): number {
  return columnWidths(columns, rows, style).reduce((sum, width) => sum + width + GAP.length, -GAP.length);
}

/** By how much names of hosts can be shortened. */
function excessOfHosts(rows: readonly CertificateRow[], style: Style): number {
  const [hostWidth = 0] = columnWidths(NAMES, rows, style);
  return Math.max(0, hostWidth - MIN_HOST_WIDTH);
}

function tableLines(
  columns: readonly Column[],
  rows: readonly CertificateRow[],
  options: CertificateTableOptions,
): readonly string[] {
  const { style, width, wide } = options;
  const [hostWidth = 0, ...otherWidths] = columnWidths(columns, rows, style);
  const excess = Math.max(0, tableWidth(columns, rows, style) - width);
  const widths = [Math.min(hostWidth, Math.max(MIN_HOST_WIDTH, hostWidth - excess)), ...otherWidths];
  const join = (cells: readonly string[]) => cells.map((cell, index) => padEnd(cell, widths[index] ?? 0)).join(GAP);
  const head = style.colors.dim(join(columns.map((column) => column.head)).trimEnd());
  const lines = rows.flatMap((row) => {
    const cells = columns.map((column, index) => cellText(column, row, widths[index] ?? 0, style));
    return [...withNote(join(cells), row, style, width), ...(wide ? detailLines(row, style, width) : [])];
  });
  return [head, ...lines];
}

function recordLines(
  columns: readonly Column[],
  row: CertificateRow,
  options: CertificateTableOptions,
): readonly string[] {
  const { style, width, wide } = options;
  const cells = columns.map((column) => cellText(column, row, Number.POSITIVE_INFINITY, style));
  const titled = record([...columns.map(({ head }) => head), 'NOTE'], [...cells, style.text(row.note ?? '')], width);
  return [...titled.map((line) => line.trimEnd()), ...(wide ? detailLines(row, style, width) : [])];
}

function cellText({ cell, color }: Column, row: CertificateRow, width: number, style: Style): string {
  const text = style.cut(style.text(cell(row)), width);
  const chosen = color?.(row);
  return chosen ? style.colors[chosen](text) : text;
}

/** A note is at the end of its row, or below it if there is no room. */
function withNote(line: string, { note }: CertificateRow, style: Style, width: number): readonly string[] {
  if (note === undefined) return [line.trimEnd()];
  const beside = line + GAP + style.text(note);
  return displayWidth(beside) <= width ? [beside] : [line.trimEnd(), ...hang(NOTE_INDENT, style.text(note), width)];
}

function detailLines(
  { subject, names, key, serial, path }: CertificateRow,
  style: Style,
  width: number,
): readonly string[] {
  const details = [
    path,
    key,
    serial && `serial ${serial}`,
    subject && `subject ${subject}`,
    names && names.length > 0 && `names ${names.join(', ')}`,
  ];
  const clauses = details.flatMap((detail) => (detail ? [style.text(detail)] : []));
  return flow(clauses, width - NOTE_INDENT.length).map((line) => NOTE_INDENT + line);
}
