/** How large a page may be. */
export interface PageLimit {
  readonly bytes: number;
  /** Why, in a clause. */
  readonly why: string;
  /** The words of the command line that give all of it. */
  readonly all: string;
}

/** The limit of GitHub per step: of a larger summary it shows nothing (actions/runner, src/Runner.Worker/FileCommandManager.cs). */
export const JOB_SUMMARY: PageLimit = { bytes: 1024 * 1024, why: 'GitHub takes 1 MiB', all: '--report markdown=FILE' };

/** A comment on GitHub holds 65,536 characters. There is room for some words of whoever posts it. */
export const COMMENT: PageLimit = {
  bytes: 65_000,
  why: 'a comment on GitHub holds 65,536 characters',
  all: '--report html=FILE',
};

/** What the plans in a page for the browser may take. */
export const PAGE: Omit<PageLimit, 'all'> = { bytes: 1_000_000, why: 'a page with more of them opens slowly' };

/**
 * Shortens a Markdown page until it fits: the longest parts (`## …`) lose their last lines, with a note.
 * @returns undefined if not even the headings fit
 */
export function fittingPage(page: string, { bytes, why, all }: PageLimit): string | undefined {
  if (sizeOf(page) <= bytes) return page;
  const note = `\n\nThe rest of this part is left out: ${why}. For all of it: \`${all}\`.\n\n`;
  const parts = page.split(/^(?=## )/m);
  const room = roomOfEach(parts.map(sizeOf), bytes);
  const cut = parts
    .map((part) => (sizeOf(part) <= room ? part : `${cutAtLine(part, room - sizeOf(note))}${note}`))
    .join('');
  return sizeOf(cut) <= bytes ? cut : undefined;
}

/** What a part of a page takes, in bytes. */
interface PartSize {
  readonly whole: number;
  /** With what makes it worth reading. */
  readonly least: number;
}

/** The room for each part; undefined for the last ones, for which there is none. */
export function roomsOf(parts: readonly PartSize[], bytes: number): readonly (number | undefined)[] {
  let room = bytes;
  const kept = parts.filter(({ whole, least }) => {
    room -= Math.min(whole, least);
    return room >= 0;
  });
  const share = roomOfEach(
    kept.map(({ whole }) => whole),
    bytes,
  );
  return parts.map((_, index) => (index < kept.length ? share : undefined));
}

/** The room for each long part when the short ones have all that they need. */
export function roomOfEach(sizes: readonly number[], bytes: number): number {
  let left = bytes;
  for (const [index, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (sizes.length - index));
    if (size > share) return share;
    left -= size;
  }
  return bytes;
}

/** The first lines, at least the heading; what they open is closed again. */
function cutAtLine(part: string, bytes: number): string {
  const longestFence = Math.max(0, ...(part.match(FENCES) ?? []).map((fence) => fence.length));
  const room = bytes - longestFence - sizeOf(`\n${END_OF_DETAILS}`);
  const start = Buffer.from(part).subarray(0, Math.max(0, room)).toString();
  const end = Math.max(start.lastIndexOf('\n'), part.indexOf('\n'));
  return closed(part.slice(0, end).trimEnd());
}

/** Lines that begin or end code. */
const FENCES = /^`{3,}$/gm;
const END_OF_DETAILS = '\n\n</details>';

/** Ends the code and the collapsed part in which a page ends. */
function closed(page: string): string {
  let fence: string | undefined;
  for (const [line] of page.matchAll(FENCES)) {
    if (fence === undefined) fence = line;
    else if (fence === line) fence = undefined;
  }
  const isInDetails = page.lastIndexOf('\n<details') > page.lastIndexOf('\n</details>');
  return `${page}${fence === undefined ? '' : `\n${fence}`}${isInDetails ? END_OF_DETAILS : ''}`;
}

/** The size of a text in UTF-8. */
export function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}
