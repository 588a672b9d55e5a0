import { escapeControls } from './escape.ts';
import { padEnd, widest } from './width.ts';

/** Rows under a head, columns as wide as their widest cell and two spaces apart, with a final newline. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const printable = [head, ...rows].map((row) => row.map(escapeControls));
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
