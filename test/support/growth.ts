/** The shorter text is far shorter, as collecting garbage alone makes twice the length take three times as long. */
const SHORTER_BY = 8;
/** Read once, the shorter text takes an eighth of the time; gone over again for each part, a sixty-fourth. */
const WORST_RATIO = 24;
/** The machine may have other things to do: the shortest of so many readings counts. */
const READINGS = 3;

/** How long this process alone takes, in milliseconds: the machine may have other things to do. */
export function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Whether `work` goes over a text again and again, told by comparing texts of two lengths.
 * @param work reads a text of about `length` characters; `reading` is for a part that no other text has, as what was read once
 * may be remembered
 * @returns both times in words; undefined if it takes as much longer as the text is longer
 */
export function overgrowth(length: number, work: (length: number, reading: number) => void): string | undefined {
  const shortest = (size: number) =>
    Math.min(...Array.from({ length: READINGS }, (_, reading) => cpuMilliseconds(() => work(size, reading))));
  // First, so that what is compiled meanwhile does not count for the longer one alone.
  const short = shortest(length / SHORTER_BY);
  const long = shortest(length);
  if (long / Math.max(short, 1) <= WORST_RATIO) return undefined;
  return `${Math.round(short)} ms, then ${Math.round(long)} ms`;
}
