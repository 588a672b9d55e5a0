/** The limit of GitHub per step: of a larger summary it shows nothing (actions/runner, src/Runner.Worker/FileCommandManager.cs). */
export const JOB_SUMMARY_BYTES = 1024 * 1024;

const NOTE = '\n\nThe rest of this part is left out: GitHub takes 1 MiB. For all of it: `--report markdown=FILE`.\n\n';

/**
 * Shortens a Markdown page until it fits: the longest parts (`## …`) lose their last lines, with a note.
 * @returns undefined if not even the headings fit
 */
export function fittingSummary(page: string, bytes: number): string | undefined {
  if (sizeOf(page) <= bytes) return page;
  const parts = page.split(/^(?=## )/m);
  const room = roomOfEach(parts.map(sizeOf), bytes);
  const cut = parts
    .map((part) => (sizeOf(part) <= room ? part : `${cutAtLine(part, room - NOTE.length)}${NOTE}`))
    .join('');
  return sizeOf(cut) <= bytes ? cut : undefined;
}

/** The room for each long part when the short ones have all that they need. */
function roomOfEach(sizes: readonly number[], bytes: number): number {
  let left = bytes;
  for (const [index, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (sizes.length - index));
    if (size > share) return share;
    left -= size;
  }
  return left;
}

/** The first lines, at least the heading. */
function cutAtLine(part: string, bytes: number): string {
  const start = Buffer.from(part).subarray(0, Math.max(0, bytes)).toString();
  const end = Math.max(start.lastIndexOf('\n'), part.indexOf('\n'));
  return part.slice(0, end).trimEnd();
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}
