/** With less room beside the time, words would be broken: the lines then stand below it. */
const LEAST_ROOM = 24;

/**
 * Lines of a log that say one thing: the time stands in front of the first.
 * @param linesOf what they are in so many columns
 */
export function timedText(
  time: string,
  linesOf: (width: number) => readonly string[],
  width = Number.POSITIVE_INFINITY,
): string {
  const room = width - time.length - 1;
  if (room < LEAST_ROOM) return [time, ...linesOf(width)].map((line) => `${line}\n`).join('');
  const lead = (index: number) => (index === 0 ? time : ' '.repeat(time.length));
  return linesOf(room)
    .map((line, index) => `${lead(index)} ${line}\n`)
    .join('');
}
