import { momentOf, type Wall } from './ical-time.ts';
import type { Opening } from './opening.ts';
import type { Recurrence } from './recurrence.ts';
import { DAY } from './zone.ts';

/** An event of an iCalendar file with all of its occurrences, by the clock of its zone. */
export interface EventSeries {
  readonly zone: string;
  /** How long an occurrence lasts by that clock, in milliseconds. */
  readonly length: number;
  /** Beginnings that are written down. */
  readonly starts: readonly Wall[];
  readonly rule: Recurrence | undefined;
  /** Beginnings that are taken out, or that have an event of their own. */
  readonly excluded: ReadonlySet<Wall>;
}

/** What occurrences that end after `from` and begin before `to`, in milliseconds since 1970, are open for. */
export function eventOpenings(all: readonly EventSeries[], from: number, to: number): readonly Opening[] {
  return all.flatMap((series) => {
    const { zone, length, starts, rule, excluded } = series;
    // A clock is never further from that of UTC than a day.
    const ruled = rule ? rule.between(from - length - 2 * DAY, to + DAY) : [];
    return [...new Set([...starts, ...ruled])]
      .filter((start) => !excluded.has(start))
      .map((start) => ({ start: momentOf(start, zone), end: momentOf(start + length, zone) }))
      .filter(({ start, end }) => start < end && end > from && start < to);
  });
}

/** After this nothing of these begins but what a rule says. */
export function lastWritten(all: readonly EventSeries[]): number {
  const ends = all.flatMap(({ starts, length }) => starts.map((start) => start + length));
  return ends.reduce((latest, end) => Math.max(latest, end), 0) + DAY;
}
