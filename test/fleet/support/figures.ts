/** Prints a table of what a suite has reached, below its tests. */
export function figures(title: string, rows: readonly (readonly [what: string, figure: string])[]): void {
  const width = Math.max(...rows.map(([what]) => what.length));
  const lines = rows.map(([what, figure]) => `  ${what.padEnd(width)}  ${figure}`);
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n\n`);
}
