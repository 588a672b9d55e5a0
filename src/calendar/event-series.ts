import { type LocalTime, momentOf, wallOf } from './ical-time.ts';
import type { Opening } from './opening.ts';
import type { Recurrence } from './recurrence.ts';
import type { TimeSet } from './time-set.ts';
import { DAY } from './zone.ts';

/** An event of an iCalendar file with all of its occurrences. */
export interface EventSeries {
  /** That of its rule, and of the clock by which an occurrence ends. */
  readonly zone: string;
  /** Duration of an occurrence by that clock, in milliseconds. */
  readonly length: number;
  /** Explicit starts, each in the zone in which it is written: of a time that clocks show twice, only UTC tells which is meant. */
  readonly starts: readonly EventStart[];
  readonly rule: Recurrence | undefined;
  /** Excluded starts, and those with an event of their own. */
  readonly excluded: TimeSet;
}

interface EventStart extends LocalTime {
  /** When the occurrence ends, if that is written as a moment. */
  readonly end?: number | undefined;
}

/** The openings from occurrences that end after `from` and start before `to`, in milliseconds since 1970. They may overlap. */
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
    this.#explicit ??= this.#openingsAt(this.#series.starts);
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
    const { rule, length, zone } = this.#series;
    // Local time never differs from UTC by more than a day.
    const walls = rule?.between(from - length - 2 * DAY, to + DAY) ?? [];
    return this.#openingsAt(walls.map((wall) => ({ wall, zone })));
  }

  #openingsAt(starts: readonly EventStart[]): readonly Opening[] {
    return starts
      .filter((start) => !this.#series.excluded.has(start))
      .map((start) => this.#openingAt(start))
      .filter(({ start, end }) => start < end);
  }

  #openingAt(time: EventStart): Opening {
    const { zone, length } = this.#series;
    const start = momentOf(time);
    const wall = time.zone === zone ? time.wall : wallOf(start, zone);
    return { start, end: time.end ?? momentOf({ wall: wall + length, zone }, start) };
  }
}

function within(openings: readonly Opening[], from: number, to: number): readonly Opening[] {
  return openings.filter(({ start, end }) => end > from && start < to);
}

/** After this, only rules have further occurrences. */
export function lastWritten(all: readonly EventSeries[]): number {
  const ends = all.flatMap(({ starts, length }) => starts.map(({ wall, end }) => end ?? wall + length));
  return ends.reduce((latest, end) => Math.max(latest, end), 0) + DAY;
}
