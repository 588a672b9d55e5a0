import { Temporal } from 'temporal-polyfill';
import type { Problems } from '../core/diagnostic.ts';
import { nearest } from '../core/suggest.ts';
import type { IcalLine } from './ical-lines.ts';
import { isDate, isZone, zoneNames } from './zone.ts';

/** What a clock shows, as milliseconds since 1970 as if it were that of UTC. */
export type Wall = number;

/** A time of an iCalendar file. */
export interface IcalTime {
  readonly wall: Wall;
  /** By whose clock; undefined of dates, and of times that are to be those of whoever reads them. */
  readonly zone: string | undefined;
  /** A whole day. */
  readonly isDate: boolean;
}

/** One of which is known by whose clock it is. */
export interface ZonedTime extends IcalTime {
  readonly zone: string;
  /** It does not say the zone itself: RFC 5545 calls it floating. */
  readonly isFloating: boolean;
}

const SECOND = 1000;

/** The times of DTSTART, DTEND, EXDATE, RDATE, RECURRENCE-ID, which may be several; undefined when one is wrong, which is reported. */
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
    const meant = nearest(tzid, zoneNames());
    problems.error(
      `there is no time zone '${tzid}'`,
      range,
      meant === undefined
        ? 'export the calendar with names of the IANA database, such as Europe/Berlin'
        : `did you mean ${meant}?`,
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

/** A date or a time as RFC 5545 writes them; undefined for another text, and for a day or an hour that there is not. */
export function timeOf(text: string, tzid: string | undefined, isDay: boolean): IcalTime | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d)(Z?))?$/.exec(text);
  const [, year, month, day, hour, minute, second, utc] = match ?? [];
  if (!match || (hour === undefined) !== isDay || !isDate(`${year}-${month}-${day}`)) return undefined;
  // RFC 5545 allows no zone for what is said by UTC.
  if (utc === 'Z' && tzid !== undefined) return undefined;
  const wall = Date.parse(`${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}Z`);
  return { wall, zone: isDay ? undefined : utc === 'Z' ? 'UTC' : tzid, isDate: isDay };
}

/** A DURATION such as `PT3H` or `P1D`, in milliseconds; undefined when it is none, or not above zero. */
export function readDuration(text: string): number | undefined {
  const match = /^\+?P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/.exec(text);
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (match ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  const total = ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND;
  return match && total > 0 ? total : undefined;
}

/** The first moment at which the clock of a zone shows this, or something later, in milliseconds since 1970. */
export function momentOf(wall: Wall, zone: string): number {
  const shown = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
  const found = shown.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (found.toPlainDateTime().equals(shown)) return found.epochMilliseconds;
  return found.getTimeZoneTransition('next')?.epochMilliseconds ?? found.epochMilliseconds;
}

/** What the clock of a zone shows at a moment. */
export function wallOf(moment: number, zone: string): Wall {
  const at = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
  return moment + at.offsetNanoseconds / 1e6;
}
