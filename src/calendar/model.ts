import type { SourceFile, SourceRange } from '../core/source.ts';
import type { EventSeries } from './event-series.ts';

/** Days on which a window begins. Weekdays are numbered as ISO 8601 does: 1 is Monday, 7 Sunday. */
export type Days =
  | { readonly kind: 'weekly'; readonly weekdays: ReadonlySet<number> }
  /** The nth of such a weekday in a month, from 1; -1 is the last. */
  | { readonly kind: 'monthly'; readonly nth: ReadonlySet<number>; readonly weekdays: ReadonlySet<number> }
  /** ISO dates, in order. */
  | { readonly kind: 'dates'; readonly dates: readonly string[] };

/**
 * A stretch of time that begins on certain days by the clock of a zone. It belongs to the day on which it begins: one of
 * Friday, 22:00 to 04:00, is open on Saturday at 02:00.
 */
export interface Window {
  readonly days: Days;
  /** Minutes since midnight, 0 to 1439. */
  readonly from: number;
  /** Minutes since the midnight of the same day; more than 1440 where it ends on the next. Greater than `from`. */
  readonly to: number;
  /** IANA name. */
  readonly zone: string;
  /** For people: `Tue-Thu 01:00-04:00 Europe/Berlin`. */
  readonly text: string;
  readonly range: SourceRange;
}

/** Whole days on which nothing is open, whatever windows say. */
export interface Closure {
  /** ISO date. */
  readonly first: string;
  /** ISO date, closed as well. */
  readonly last: string;
  readonly zone: string;
  /** For people: `2026-12-20..2027-01-06 Europe/Berlin`. */
  readonly text: string;
}

/** The events of an iCalendar file. */
export interface EventSource {
  readonly series: readonly EventSeries[];
  /** In which its times are told. */
  readonly zone: string;
  /** For people: `events of freeze.ics`. */
  readonly text: string;
  readonly file: SourceFile;
  /** Where the file is named. */
  readonly range: SourceRange;
}

/**
 * When something may be worked on: in any of its windows and during any of the events (always, where it has neither), and never while
 * it is closed.
 */
export interface Calendar {
  readonly windows: readonly Window[];
  readonly events: readonly EventSource[];
  readonly closed: readonly Closure[];
  /** Nothing is open during these. */
  readonly closedEvents: readonly EventSource[];
}
