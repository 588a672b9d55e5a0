import { Temporal } from 'temporal-polyfill';
import { DAY_MS } from '../core/duration.ts';

export const DAY = DAY_MS;
const MINUTES_OF_DAY = 1440;

/**
 * Whether it is the name of an IANA zone, such as `Europe/Berlin` or `UTC`. An offset (`+02:00`) is not one, since it has no
 * daylight saving time.
 */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The names of all zones, for a hint. */
export function zoneNames(): readonly string[] {
  return [...Intl.supportedValuesOf('timeZone'), 'UTC'];
}

/** Whether a date such as `2026-02-30` exists. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
}

/** The date a number of days later. */
export function plusDays(date: string, days: number): string {
  return dateOf(epochOf(date) + days * DAY);
}

/** The date of a timestamp in UTC. Behind 9999-12-31, which stands for "until further notice", it is one like `+010000-01-01`. */
export function dateOf(moment: number): string {
  return new Date(moment).toISOString().replace(/T.*/, '');
}

/** Midnight of a date in UTC. */
export function epochOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

/**
 * The clusters of a fleet share a few windows, each of which is searched again and again, for 400 days where it is always open:
 * without this, a plan of 120 such clusters takes several seconds longer.
 */
const moments = new Map<string, number>();
const MAX_MOMENTS = 20_000;

/**
 * The first moment at which the clock of a zone shows this minute of this date, or a later one: if clocks are put forward over
 * it, that moment; if they are put back to it, the first of the two.
 * @param minute since midnight of the date; may be in the next day
 */
export function firstMoment(date: string, minute: number, zone: string): number {
  const key = `${date} ${minute} ${zone}`;
  const known = moments.get(key);
  if (known !== undefined) return known;
  const found = searchMoment(date, minute, zone);
  if (moments.size >= MAX_MOMENTS) moments.clear();
  moments.set(key, found);
  return found;
}

function searchMoment(date: string, minute: number, zone: string): number {
  const day = plusDays(date, Math.floor(minute / MINUTES_OF_DAY));
  const wall = Temporal.PlainDate.from(day).toPlainDateTime({
    hour: Math.floor((minute % MINUTES_OF_DAY) / 60),
    minute: minute % 60,
  });
  const found = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (found.toPlainDateTime().equals(wall)) return found.epochMilliseconds;
  // The clock never shows it. The moment found is before the gap, by less than its length.
  const after = found.getTimeZoneTransition('next');
  if (!after) throw new RangeError(`${zone} has no clock for ${wall.toString()}`);
  return after.epochMilliseconds;
}

/**
 * A timestamp in the time of a zone: `Wed 2026-12-02 01:00 Europe/Berlin`. With its offset, `02:30+01:00`, if clocks that are put back
 * show it twice.
 */
export function momentText(moment: number, zone: string): string {
  const at = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
  const time = at.toPlainTime().toString({ smallestUnit: 'minute' });
  const offset = isShownTwice(at) ? at.offset : '';
  return `${WEEKDAYS[at.dayOfWeek - 1]} ${at.toPlainDate().toString()} ${time}${offset} ${zone}`;
}

function isShownTwice(at: Temporal.ZonedDateTime): boolean {
  const [first, last] = (['earlier', 'later'] as const).map(
    (disambiguation) => at.toPlainDateTime().toZonedDateTime(at.timeZoneId, { disambiguation }).epochMilliseconds,
  );
  return first !== last;
}

/** By number minus one. */
export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
