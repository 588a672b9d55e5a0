import { escapeControls } from './escape.ts';
import { padEnd, widest } from './width.ts';

/** How a table is shown: without its titles, by one of its columns. */
export interface TableView {
  readonly headers?: boolean;
  /** The title of a column, in small letters. */
  readonly sortBy?: string;
}

const NATURAL = new Intl.Collator('en', { numeric: true });

/** Items by what a column says of them; numbers in it are compared as such. */
export function sortedBy<Item>(items: readonly Item[], cell: (item: Item) => string): readonly Item[] {
  return items.toSorted((one, other) => NATURAL.compare(cell(one), cell(other)));
}

/** Rows under a head, columns as wide as their widest cell and two spaces apart, with a final newline. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { headers = true, sortBy }: TableView = {},
): string {
  const column = head.findIndex((title) => title.toLowerCase() === sortBy);
  const inOrder = column < 0 ? rows : sortedBy(rows, (row) => row[column] ?? '');
  const printable = [...(headers ? [head] : []), ...inOrder].map((row) => row.map(escapeControls));
  const widths = head.map((_, column) => widest(printable.map((row) => row[column] ?? '')));
  return printable
    .map(
      (row) =>
        `${row
          .map((cell, column) => padEnd(cell, widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
