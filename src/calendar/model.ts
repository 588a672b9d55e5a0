import type { SourceFile, SourceRange } from '../core/source.ts';
import type { EventSeries } from './event-series.ts';

/** Days on which a window starts. Weekdays are numbered as in ISO 8601: 1 is Monday, 7 Sunday. */
export type Days =
  | { readonly kind: 'weekly'; readonly weekdays: ReadonlySet<number> }
  /** The nth of these weekdays in a month, from 1; -1 is the last. */
  | { readonly kind: 'monthly'; readonly nth: ReadonlySet<number>; readonly weekdays: ReadonlySet<number> }
  /** ISO dates, in order. */
  | { readonly kind: 'dates'; readonly dates: readonly string[] };

/**
 * A period that starts on certain days in the local time of a zone. It belongs to the day on which it starts: Friday, 22:00 to
 * 04:00, includes Saturday at 02:00.
 */
export interface Window {
  readonly days: Days;
  /** Minutes since midnight, 0 to 1439. */
  readonly from: number;
  /** Minutes since midnight of the same day; more than 1440 if it ends on the next. Greater than `from`. */
  readonly to: number;
  /** IANA name. */
  readonly zone: string;
  /** In words: `Tue-Thu 01:00-04:00 Europe/Berlin`. */
  readonly text: string;
  readonly range: SourceRange;
}

/** Whole days on which nothing is open, regardless of windows. */
export interface Closure {
  /** ISO date. */
  readonly first: string;
  /** ISO date, included. */
  readonly last: string;
  readonly zone: string;
  /** In words: `2026-12-20..2027-01-06 Europe/Berlin`. */
  readonly text: string;
}

/** The events of an iCalendar file, or of a rule. */
export interface EventSource {
  readonly series: readonly EventSeries[];
  /** Sources of one key have the same events. */
  readonly key: string;
  /** The zone in which its times are shown. */
  readonly zone: string;
  /** In words: `events of freeze.ics`. */
  readonly text: string;
  readonly file: SourceFile;
  /** Where the file is named. */
  readonly range: SourceRange;
}

/**
 * When something may be changed: in any of its windows and during any of the events (always, if it has neither), and never
 * while it is closed.
 */
export interface Calendar {
  readonly windows: readonly Window[];
  readonly events: readonly EventSource[];
  readonly closed: readonly Closure[];
  /** Nothing is open during these. */
  readonly closedEvents: readonly EventSource[];
}
