import { escapeControls } from './escape.ts';
import { cut, displayWidth, hang, padEnd, widest } from './width.ts';

/** How a table is shown: without its titles, by one of its columns, and on a screen of how many columns. */
export interface TableView {
  readonly headers?: boolean;
  /** The title of a column, in small letters. */
  readonly sortBy?: string;
  /** Default: there is room for all. */
  readonly width?: number;
  /** Columns that are shown where there is room for them, what matters most first, by their titles. */
  readonly optional?: readonly string[];
  /** The title of a column whose cells are cut before the rest has no room. */
  readonly cut?: string;
}

const GAP = '  ';
/** The last column is wrapped where it has at least so much room. */
const LEAST_TEXT = 10;
const LEAST_CUT = 8;

/** Items by what a column says of them; numbers in it are compared as such. */
export function sortedBy<Item>(items: readonly Item[], cell: (item: Item) => string): readonly Item[] {
  // Made when it is needed: the first takes 5 ms, and most commands sort nothing.
  const natural = new Intl.Collator('en', { numeric: true });
  return items.toSorted((one, other) => natural.compare(cell(one), cell(other)));
}

/**
 * Rows under a head, columns as wide as their widest cell and two spaces apart, with a final newline. Where the screen is too narrow
 * columns are left out that may be; then one is cut, and the last one wrapped.
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
  if (narrow >= 0) widths[narrow] = Math.max(LEAST_CUT, (widths[narrow] ?? 0) - excess);
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

/** Which columns are shown, in their order. */
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
  return width - displayWidth(before) >= LEAST_TEXT ? hang(before, last, width) : [before + last];
}
