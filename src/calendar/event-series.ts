import { momentOf, type Wall } from './ical-time.ts';
import type { Opening } from './opening.ts';
import type { Recurrence } from './recurrence.ts';
import { DAY } from './zone.ts';

/** An event of an iCalendar file with all of its occurrences, in its local time. */
export interface EventSeries {
  readonly zone: string;
  /** Duration of an occurrence in local time, in milliseconds. */
  readonly length: number;
  /** Explicit starts. */
  readonly starts: readonly Wall[];
  readonly rule: Recurrence | undefined;
  /** Excluded starts, and those with an event of their own. */
  readonly excluded: ReadonlySet<Wall>;
}

/** The openings from occurrences that end after `from` and start before `to`, in milliseconds since 1970. */
export function eventOpenings(all: readonly EventSeries[], from: number, to: number): readonly Opening[] {
  return all.flatMap((series) => {
    const { zone, length, starts, rule, excluded } = series;
    // Local time never differs from UTC by more than a day.
    const ruled = rule ? rule.between(from - length - 2 * DAY, to + DAY) : [];
    return [...new Set([...starts, ...ruled])]
      .filter((start) => !excluded.has(start))
      .map((start) => ({ start: momentOf(start, zone), end: momentOf(start + length, zone) }))
      .filter(({ start, end }) => start < end && end > from && start < to);
  });
}

/** After this, only rules have further occurrences. */
export function lastWritten(all: readonly EventSeries[]): number {
  const ends = all.flatMap(({ starts, length }) => starts.map((start) => start + length));
  return ends.reduce((latest, end) => Math.max(latest, end), 0) + DAY;
}
