import { Temporal } from 'temporal-polyfill';
import type { Problems } from '../core/diagnostic.ts';
import { nearest } from '../core/suggest.ts';
import type { IcalLine } from './ical-lines.ts';
import { isDate, isZone, zoneNames } from './zone.ts';

/** A local time, as the number of milliseconds since 1970 that it would be in UTC. */
export type Wall = number;

/** A time by the clock of a zone; in UTC, it is a moment. */
export interface LocalTime {
  readonly wall: Wall;
  readonly zone: string;
}

/** A time of an iCalendar file. */
export interface IcalTime {
  readonly wall: Wall;
  /** The time zone; undefined for dates, and for times in the reader's own zone. */
  readonly zone: string | undefined;
  /** Whether it is a whole day. */
  readonly isDate: boolean;
}

/** A time with a known zone. */
export interface ZonedTime extends IcalTime {
  readonly zone: string;
  /** It does not name the zone itself: RFC 5545 calls it floating. */
  readonly isFloating: boolean;
}

const SECOND = 1000;

/**
 * The times of DTSTART, DTEND, EXDATE, RDATE, RECURRENCE-ID, of which there may be several; undefined, after a report, if one
 * is invalid.
 */
export function readTimes(line: IcalLine, problems: Problems): readonly IcalTime[] | undefined {
  const { params, value, name, range } = line;
  const kind = params.get('VALUE')?.toUpperCase();
  const unknown = [...params.keys()].find((key) => !['VALUE', 'TZID'].includes(key) && !key.startsWith('X-'));
  if (unknown !== undefined) {
    problems.error(`${name} with ${unknown} is not supported`, range, 'make the occurrence a separate event');
    return undefined;
  }
  if (kind !== undefined && kind !== 'DATE' && kind !== 'DATE-TIME') {
    problems.error(`${name} is a ${kind}, not a date or a time`, range, 'make it a separate event');
    return undefined;
  }
  const tzid = params.get('TZID');
  if (tzid !== undefined && !isZone(tzid)) {
    const closest = nearest(tzid, zoneNames());
    problems.error(
      `there is no time zone '${tzid}'`,
      range,
      closest === undefined
        ? 'export the calendar with names of the IANA database, such as Europe/Berlin'
        : `did you mean ${closest}?`,
    );
    return undefined;
  }
  const times = value.split(',').map((text) => timeOf(text, tzid, kind === 'DATE'));
  const known = times.filter((time) => time !== undefined);
  if (known.length === times.length) return known;
  problems.error(
    `${name}: '${value}' is not a ${kind === 'DATE' ? 'date' : 'time'}`,
    range,
    'write 20261224, 20261224T010000 or 20261224T010000Z',
  );
  return undefined;
}

/** Parses a date or a time of RFC 5545; undefined for other texts, and for days or hours that do not exist. */
export function timeOf(text: string, tzid: string | undefined, isDay: boolean): IcalTime | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d)(Z?))?$/.exec(text);
  const [, year, month, day, hour, minute, second, utc] = match ?? [];
  if (!match || (hour === undefined) !== isDay || !isDate(`${year}-${month}-${day}`)) return undefined;
  // RFC 5545 allows no zone for times in UTC.
  if (utc === 'Z' && tzid !== undefined) return undefined;
  const wall = Date.parse(`${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}Z`);
  return { wall, zone: isDay ? undefined : utc === 'Z' ? 'UTC' : tzid, isDate: isDay };
}

/** A DURATION such as `PT3H` or `P1D`, in milliseconds; undefined if it is invalid, or not positive. */
export function readDuration(text: string): number | undefined {
  const match = /^\+?P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/.exec(text);
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (match ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  const total = ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND;
  return match && total > 0 ? total : undefined;
}

/**
 * The first moment at which the clock of a zone shows this time, or a later one, in milliseconds since 1970; the second one of a
 * time that is shown twice if the first is before `from`.
 */
export function momentOf({ wall, zone }: LocalTime, from = Number.NEGATIVE_INFINITY): number {
  const shown = plainOf(wall);
  const found = shown.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (!found.toPlainDateTime().equals(shown))
    return found.getTimeZoneTransition('next')?.epochMilliseconds ?? found.epochMilliseconds;
  if (found.epochMilliseconds >= from) return found.epochMilliseconds;
  return shown.toZonedDateTime(zone, { disambiguation: 'later' }).epochMilliseconds;
}

/**
 * The moment that RFC 5545 means by a time: the first of two; of a time that clocks skip, the one by the offset before. In a night in
 * which 02:00 becomes 03:00, 02:30 is half an hour after the change.
 */
export function namedMomentOf({ wall, zone }: LocalTime): number {
  return plainOf(wall).toZonedDateTime(zone).epochMilliseconds;
}

/** The local time of a zone at a given moment. */
export function wallOf(moment: number, zone: string): Wall {
  const at = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
  return moment + at.offsetNanoseconds / 1e6;
}

function plainOf(wall: Wall): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
}
