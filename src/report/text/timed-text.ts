/** With less room beside the time, words would be broken: the lines then go below it. */
const MIN_ROOM = 24;

/**
 * Lines of a log that belong together, the first one with the time.
 * @param linesOf wraps them to a width
 */
export function timedText(
  time: string,
  linesOf: (width: number) => readonly string[],
  width = Number.POSITIVE_INFINITY,
): string {
  const room = width - time.length - 1;
  if (room < MIN_ROOM) return [time, ...linesOf(width)].map((line) => `${line}\n`).join('');
  const lead = (index: number) => (index === 0 ? time : ' '.repeat(time.length));
  return linesOf(room)
    .map((line, index) => `${lead(index)} ${line}\n`)
    .join('');
}
