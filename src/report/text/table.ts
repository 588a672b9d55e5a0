import { escapeControls } from './escape.ts';
import { cut, displayWidth, hang, padEnd, widest } from './width.ts';

/** How a table is shown: with or without titles, sorted by a column, at a screen width. */
export interface TableView {
  readonly headers?: boolean;
  /** The title of a column in lower case. */
  readonly sortBy?: string;
  /** Default: unlimited. */
  readonly width?: number;
  /** Titles of columns that are shown only if there is room, the most important first. */
  readonly optional?: readonly string[];
  /** The title of a column whose cells are shortened if the others need room. */
  readonly cut?: string;
}

const GAP = '  ';
/** The last column is wrapped if it has at least this much room. */
const MIN_TEXT_WIDTH = 10;
/** With less room for a longer text in the last column, rows become records. */
const MIN_READABLE_WIDTH = 18;
const MIN_CUT_WIDTH = 8;

/** Items sorted by a column; numbers in it are compared as numbers. */
export function sortedBy<Item>(items: readonly Item[], cell: (item: Item) => string): readonly Item[] {
  // Created on demand: the first one takes 5 ms, and most commands sort nothing.
  const natural = new Intl.Collator('en', { numeric: true });
  return items.toSorted((one, other) => natural.compare(cell(one), cell(other)));
}

/**
 * Rows below a header, in columns as wide as their widest cell and two spaces apart, with a final newline. On a narrow screen optional
 * columns are dropped; then one is shortened and the last one wrapped. If that is not enough, each row becomes a record, with all its
 * fields; never without titles, because programs read that.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { headers = true, sortBy, width = Number.POSITIVE_INFINITY, optional = [], cut: cuttable }: TableView = {},
): string {
  const column = head.findIndex((title) => title.toLowerCase() === sortBy);
  const inOrder = column < 0 ? rows : sortedBy(rows, (row) => row[column] ?? '');
  const printable = [...(headers ? [head] : []), ...inOrder].map((row) => row.map(escapeControls));
  const widths = head.map((_, column) => widest(printable.map((row) => row[column] ?? '')));
  const shown = fittingColumns(head, widths, width, optional);
  const excess = shown.reduce((sum, column) => sum + (widths[column] ?? 0) + GAP.length, -GAP.length) - width;
  const narrow = cuttable === undefined || excess <= 0 ? -1 : head.indexOf(cuttable);
  if (narrow >= 0) widths[narrow] = Math.max(MIN_CUT_WIDTH, (widths[narrow] ?? 0) - excess);
  if (headers && smallest(shown.map((column) => widths[column] ?? 0)) > width)
    return printable
      .slice(1)
      .map((row) => record(head, row, width))
      .map((own) => own.map((line) => `${line.trimEnd()}\n`).join(''))
      .join('\n');
  return printable
    .flatMap((row) =>
      lines(
        shown.map((column) =>
          cut(row[column] ?? '', column === narrow ? (widths[column] ?? 0) : Number.POSITIVE_INFINITY),
        ),
        shown.map((column) => widths[column] ?? 0),
        width,
      ),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/**
 * A line for each title with its value, which is wrapped; empty values are left out.
 * @param row printable; may be coloured
 */
export function record(head: readonly string[], row: readonly string[], width: number): readonly string[] {
  const indent = widest(head);
  return head.flatMap((title, column) => {
    const cell = row[column] ?? '';
    return cell === '' ? [] : hang(padEnd(title, indent) + GAP, cell, width);
  });
}

/** How narrow columns can be if the last one is wrapped. */
function smallest(widths: readonly number[]): number {
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  return before + Math.min(MIN_READABLE_WIDTH, widths.at(-1) ?? 0);
}

/** The columns to show, in their order. */
function fittingColumns(
  head: readonly string[],
  widths: readonly number[],
  width: number,
  optional: readonly string[],
): readonly number[] {
  const shown = [...head.keys()].filter((column) => !optional.includes(head[column] ?? ''));
  const sizeOf = (column: number) => (widths[column] ?? 0) + GAP.length;
  let room = width + GAP.length - shown.reduce((sum, column) => sum + sizeOf(column), 0);
  for (const column of optional.map((title) => head.indexOf(title))) {
    if (column < 0 || sizeOf(column) > room) continue;
    room -= sizeOf(column);
    shown.push(column);
  }
  return shown.sort((one, other) => one - other);
}

function lines(cells: readonly string[], widths: readonly number[], width: number): readonly string[] {
  const padded = cells.slice(0, -1).map((cell, column) => padEnd(cell, widths[column] ?? 0) + GAP);
  const before = padded.join('');
  const last = cells.at(-1) ?? '';
  const room = width - displayWidth(before);
  return room >= MIN_TEXT_WIDTH && displayWidth(last) > room ? hang(before, last, width) : [before + last];
}
