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
  return all.flatMap((series) => knownOf(series).between(from, to));
}

/** Whether there is such an occurrence. For times that are asked for once. */
export function occurs(all: readonly EventSeries[], from: number, to: number): boolean {
  return all.some((series) => knownOf(series).has(from, to));
}

/** What has been evaluated of a series: it is asked for the same again for each cluster, and whenever a run looks at its windows. */
const known = new WeakMap<EventSeries, Occurrences>();

function knownOf(series: EventSeries): Occurrences {
  const occurrences = known.get(series) ?? new Occurrences(series);
  known.set(series, occurrences);
  return occurrences;
}

/** So much more is evaluated on both sides: later questions are about a moment soon after. */
const MARGIN = 31 * DAY;
/** Of a longer time, too many occurrences would have to be kept. */
const MAX_KEPT = 20 * 366 * DAY;

class Occurrences {
  readonly #series: EventSeries;
  #explicit: readonly Opening[] | undefined;
  /** Those by the rule in the time about which was asked last. */
  #ruled: { readonly from: number; readonly to: number; readonly openings: readonly Opening[] } | undefined;

  constructor(series: EventSeries) {
    this.#series = series;
  }

  between(from: number, to: number): readonly Opening[] {
    return within([...this.#written, ...this.#byRule(from, to)], from, to);
  }

  has(from: number, to: number): boolean {
    return within(this.#written, from, to).length > 0 || within(this.#evaluate(from, to), from, to).length > 0;
  }

  get #written(): readonly Opening[] {
    this.#explicit ??= this.#openingsAt(new Set(this.#series.starts));
    return this.#explicit;
  }

  #byRule(from: number, to: number): readonly Opening[] {
    if (to - from > MAX_KEPT) return this.#evaluate(from, to);
    if (!this.#ruled || from < this.#ruled.from || to > this.#ruled.to) {
      const wide = { from: from - MARGIN, to: to + MARGIN };
      this.#ruled = { ...wide, openings: this.#evaluate(wide.from, wide.to) };
    }
    return this.#ruled.openings;
  }

  /** At least those by the rule that end after `from` and start before `to`. */
  #evaluate(from: number, to: number): readonly Opening[] {
    const { rule, length, starts } = this.#series;
    // Local time never differs from UTC by more than a day.
    const ruled = new Set(rule?.between(from - length - 2 * DAY, to + DAY));
    for (const start of starts) ruled.delete(start);
    return this.#openingsAt(ruled);
  }

  #openingsAt(starts: ReadonlySet<Wall>): readonly Opening[] {
    const { zone, length, excluded } = this.#series;
    return [...starts]
      .filter((start) => !excluded.has(start))
      .map((start) => ({ start: momentOf(start, zone), end: momentOf(start + length, zone) }))
      .filter(({ start, end }) => start < end);
  }
}

function within(openings: readonly Opening[], from: number, to: number): readonly Opening[] {
  return openings.filter(({ start, end }) => end > from && start < to);
}

/** After this, only rules have further occurrences. */
export function lastWritten(all: readonly EventSeries[]): number {
  const ends = all.flatMap(({ starts, length }) => starts.map((start) => start + length));
  return ends.reduce((latest, end) => Math.max(latest, end), 0) + DAY;
}
