import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { Problems } from '../core/diagnostic.ts';
import type { IcalLine } from './ical-lines.ts';
import { type LocalTime, namedMomentOf, timeOf, type Wall, wallOf, type ZonedTime } from './ical-time.ts';
import { DAY } from './zone.ts';

/** The start times given by a rule, in its local time. */
export interface Recurrence {
  /** In order, including both ends. */
  between(from: Wall, to: Wall): readonly Wall[];
}

/** Days only: an event that starts more often than daily is no window. */
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const WEEKDAY = '(?:MO|TU|WE|TH|FR|SA|SU)';
const MAX_NUMBER = 99_999;
/** The library enumerates all of them, and stops after 10,000. */
const MAX_COUNT = 9_999;
const SPAN = 20 * 366 * DAY;
/** No counted occurrence starts after it. */
const END_OF_TIME = new Date('9999-12-31T00:00:00Z');

/**
 * The allowed values of each part: a pattern for each element of its list, or numbers, of which negative ones count from the
 * end.
 */
const PARTS: Readonly<Record<string, RegExp | { readonly max: number; readonly signed: boolean }>> = {
  INTERVAL: { max: MAX_NUMBER, signed: false },
  COUNT: { max: MAX_COUNT, signed: false },
  BYDAY: new RegExp(`^(?:[+-]?[1-5]?\\d)?${WEEKDAY}$`),
  BYMONTHDAY: { max: 31, signed: true },
  BYYEARDAY: { max: 366, signed: true },
  BYWEEKNO: { max: 53, signed: true },
  BYMONTH: { max: 12, signed: false },
  BYSETPOS: { max: 366, signed: true },
  WKST: new RegExp(`^${WEEKDAY}$`),
};

/**
 * Reads the rule of an event. Problems, including anything unsupported, are added to `problems`.
 * @param start with its zone. @param startName the name of the start in the source, for messages
 */
export function readRecurrence(
  line: IcalLine,
  start: ZonedTime,
  problems: Problems,
  startName = 'DTSTART',
): Recurrence | undefined {
  const { value, range } = line;
  const report = (why: string, hint: string): undefined => {
    problems.error(`RRULE: ${why}`, range, hint);
    return undefined;
  };
  const parts = readParts(line, problems);
  if (!parts) return undefined;
  const until = parts.get('UNTIL');
  const last = until === undefined ? undefined : readUntil(until, start);
  if (until !== undefined && last === undefined)
    return report(
      `UNTIL=${until} does not match ${startName}`,
      start.isDate
        ? `write a date, as ${startName} is one`
        : start.isFloating
          ? 'write it without a zone: 20270131T000000'
          : 'write it in UTC: 20270131T000000Z',
    );
  const rest = value.split(';').filter((part) => !/^until=/i.test(part));
  const rule = [...rest, ...(last === undefined ? [] : [`UNTIL=${compact(last)}`])].join(';');
  return recurrenceOf(rule, start, startName, report);
}

/** The parts of a rule by name, in capitals; undefined if one of them is wrong. All that is wrong in them is added to `problems`. */
export function readParts({ value, range }: IcalLine, problems: Problems): ReadonlyMap<string, string> | undefined {
  const found = new Problems();
  const report = (why: string, hint: string): void => found.error(`RRULE: ${why}`, range, hint);
  const list = value.split(';').map((part) => {
    const [name = '', partValue = ''] = part.split('=', 2);
    return [name.toUpperCase(), partValue.toUpperCase()] as const;
  });
  const parts = new Map(list);
  if (parts.size < list.length) report('a part is given twice', 'remove one of them');
  const frequency = parts.get('FREQ');
  if (frequency === undefined)
    report('it has no FREQ', `write one of ${FREQUENCIES.map((each) => `FREQ=${each}`).join(', ')}`);
  else if (!FREQUENCIES.includes(frequency))
    report(`FREQ=${frequency} cannot be the rule of a window`, `it is one of ${FREQUENCIES.join(', ')}`);
  // Without an equals sign the whole is no rule.
  for (const [name, partValue] of value.includes('=') ? parts : []) {
    if (name === 'FREQ' || name === 'UNTIL') continue;
    const form = PARTS[name];
    const isValid = (element: string) =>
      form instanceof RegExp ? form.test(element) : form && isNumber(element, form);
    if (!form) report(`${name} is not supported`, `its parts are FREQ, UNTIL, ${Object.keys(PARTS).join(', ')}`);
    else if (!partValue.split(',').every(isValid))
      report(`${name}=${partValue} is not valid`, `see RFC 5545, 3.3.10, for what ${name} may be`);
  }
  if (parts.has('COUNT') && parts.has('UNTIL')) report('it has COUNT and UNTIL', 'remove one of them');
  problems.addAll(found.all);
  return found.hasErrors ? undefined : parts;
}

function recurrenceOf(
  rule: string,
  { wall }: LocalTime,
  startName: string,
  report: (why: string, hint: string) => undefined,
): Recurrence | undefined {
  try {
    // In a zone without clock changes: a rule yields local dates and times, which are converted with the actual zone afterwards.
    const dtstart = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC');
    const library = new RRuleTemporal({ rruleString: `RRULE:${rule}`, dtstart, temporal: Temporal, strict: true });
    const between = (from: Wall, to: Wall): readonly Wall[] =>
      spans(from, to).flatMap(([first, last]) =>
        library.between(new Date(first), new Date(last), true).map(({ epochMilliseconds }) => epochMilliseconds),
      );
    if (!between(wall, wall).includes(wall))
      return between(wall, wall + SPAN).length === 0
        ? report(
            `it has no day within 20 years of ${startName}`,
            `look for a day that no month has, and for an UNTIL before ${startName}`,
          )
        : report(`${startName} is not a day of the rule`, 'use a day of the rule');
    if (/(?:^|;)count=/i.test(rule) && !canBeCounted(library))
      return report('its COUNT takes too long to evaluate', 'use UNTIL instead');
    return { between };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return report(error.message, 'write it as in RFC 5545, or use days and times instead');
  }
}

/** Enumerates a counted rule to its end once: a later query could not report that it takes too long. */
function canBeCounted(library: RRuleTemporal): boolean {
  try {
    library.between(END_OF_TIME, END_OF_TIME, true);
    return true;
  } catch {
    return false;
  }
}

/** Includes both ends of each. A daily rule has fewer days in one than the 10,000 that the library enumerates. */
function spans(from: Wall, to: Wall): readonly (readonly [Wall, Wall])[] {
  const found: (readonly [Wall, Wall])[] = [];
  for (let first = from; first <= to; first += SPAN) found.push([first, Math.min(first + SPAN - 1, to)]);
  return found;
}

function isNumber(text: string, { max, signed }: { readonly max: number; readonly signed: boolean }): boolean {
  if (!(signed ? /^[+-]?\d+$/ : /^\d+$/).test(text)) return false;
  const size = Math.abs(Number(text));
  return size >= 1 && size <= max;
}

/**
 * According to RFC 5545: a date for all-day events; a floating time if DTSTART is floating; else UTC, which is also accepted
 * for floating ones.
 */
function readUntil(text: string, start: ZonedTime): Wall | undefined {
  const time = timeOf(text, undefined, start.isDate);
  if (!time) return undefined;
  if (start.isDate || (start.isFloating && time.zone === undefined)) return time.wall;
  return time.zone === 'UTC' ? lastStartBy(time.wall, start) : undefined;
}

/** What the clock shows then may be earlier than a start that has been, if it was put back since, and later than one to come. */
function lastStartBy(moment: number, { wall, zone }: LocalTime): Wall | undefined {
  const sinceMidnight = wall - midnightOf(wall);
  const today = midnightOf(wallOf(moment, zone));
  const starts = [1, 0, -1].map((days) => today + days * DAY + sinceMidnight);
  return starts.find((start) => namedMomentOf({ wall: start, zone }) <= moment);
}

function midnightOf(wall: Wall): Wall {
  return Math.floor(wall / DAY) * DAY;
}

/** The last moment that iCalendar can write. */
const LAST_WALL = Date.UTC(9999, 11, 31, 23, 59, 59);

/** `20270131T000000Z` */
function compact(wall: Wall): string {
  return new Date(Math.min(wall, LAST_WALL)).toISOString().replace(/[-:]|\.\d+/g, '');
}
