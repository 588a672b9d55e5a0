import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import type { Problems } from '../core/diagnostic.ts';
import type { IcalLine } from './ical-lines.ts';
import { type IcalTime, timeOf, type Wall, wallOf, type ZonedTime } from './ical-time.ts';
import { DAY } from './zone.ts';

/** The times at which a rule lets something begin, by the clock that it is written for. */
export interface Recurrence {
  /** In order, both ends included. */
  between(from: Wall, to: Wall): readonly Wall[];
}

/** Days only: an event that begins more often than daily is no window. */
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const WEEKDAY = '(?:MO|TU|WE|TH|FR|SA|SU)';
const MOST = 99_999;
/** The library goes through all of them, and ends after 10,000. */
const MOST_COUNTED = 9_999;
const STRETCH = 20 * 366 * DAY;
/** Nothing that is counted begins after it. */
const END_OF_TIME = new Date('9999-12-31T00:00:00Z');

/** What each part may hold: a pattern for each element of its list, or the numbers, of which negative ones count from the end. */
const PARTS: Readonly<Record<string, RegExp | { readonly max: number; readonly signed: boolean }>> = {
  INTERVAL: { max: MOST, signed: false },
  COUNT: { max: MOST_COUNTED, signed: false },
  BYDAY: new RegExp(`^(?:[+-]?[1-5]?\\d)?${WEEKDAY}$`),
  BYMONTHDAY: { max: 31, signed: true },
  BYYEARDAY: { max: 366, signed: true },
  BYWEEKNO: { max: 53, signed: true },
  BYMONTH: { max: 12, signed: false },
  BYSETPOS: { max: 366, signed: true },
  WKST: new RegExp(`^${WEEKDAY}$`),
};

/**
 * The rule of an event. What is wrong with it, or not understood, is added to `problems`.
 * @param start with its zone. @param startName what its beginning is called where it is written
 */
export function readRecurrence(
  line: IcalLine,
  start: ZonedTime,
  problems: Problems,
  startName = 'DTSTART',
): Recurrence | undefined {
  const { value, range } = line;
  const wrong = (why: string, hint: string): undefined => {
    problems.error(`RRULE: ${why}`, range, hint);
    return undefined;
  };
  const parts = new Map(
    value.split(';').map((part) => {
      const [name = '', said = ''] = part.split('=', 2);
      return [name.toUpperCase(), said.toUpperCase()] as const;
    }),
  );
  if (parts.size < value.split(';').length) return wrong('a part is given twice', 'remove one of them');
  const frequency = parts.get('FREQ');
  if (frequency === undefined)
    return wrong('it has no FREQ', `write one of ${FREQUENCIES.map((each) => `FREQ=${each}`).join(', ')}`);
  if (!FREQUENCIES.includes(frequency))
    return wrong(`FREQ=${frequency} cannot be the rule of a window`, `it is one of ${FREQUENCIES.join(', ')}`);
  const strange = strangePart(parts);
  if (strange) return wrong(...strange);
  if (parts.has('COUNT') && parts.has('UNTIL')) return wrong('it has COUNT and UNTIL', 'remove one of them');
  const until = parts.get('UNTIL');
  const last = until === undefined ? undefined : untilOf(until, start);
  if (until !== undefined && last === undefined)
    return wrong(
      `UNTIL=${until} does not match ${startName}`,
      start.isDate
        ? `write a date, as ${startName} is one`
        : start.isFloating
          ? 'write it without a zone: 20270131T000000'
          : 'write it in UTC: 20270131T000000Z',
    );
  const rest = value.split(';').filter((part) => !/^until=/i.test(part));
  const rule = [...rest, ...(last === undefined ? [] : [`UNTIL=${compact(last)}`])].join(';');
  return recurrenceOf(rule, start, startName, wrong);
}

/** What is wrong with the first part that is not supported, or not valid, and what to do. */
function strangePart(parts: ReadonlyMap<string, string>): readonly [why: string, hint: string] | undefined {
  for (const [name, said] of parts) {
    if (name === 'FREQ' || name === 'UNTIL') continue;
    const form = PARTS[name];
    if (!form) return [`${name} is not supported`, `its parts are FREQ, UNTIL, ${Object.keys(PARTS).join(', ')}`];
    const isValid = (element: string) => (form instanceof RegExp ? form.test(element) : isNumber(element, form));
    if (!said.split(',').every(isValid))
      return [`${name}=${said} is not valid`, `see RFC 5545, 3.3.10, for what ${name} may be`];
  }
  return undefined;
}

function recurrenceOf(
  rule: string,
  { wall }: IcalTime,
  startName: string,
  wrong: (why: string, hint: string) => undefined,
): Recurrence | undefined {
  try {
    // By a clock that never changes: what a rule says are dates and times on a clock, and that of the zone is asked afterwards.
    const dtstart = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC');
    const library = new RRuleTemporal({ rruleString: `RRULE:${rule}`, dtstart, temporal: Temporal, strict: true });
    const between = (from: Wall, to: Wall): readonly Wall[] =>
      stretches(from, to).flatMap(([first, last]) =>
        library.between(new Date(first), new Date(last), true).map(({ epochMilliseconds }) => epochMilliseconds),
      );
    if (!between(wall, wall).includes(wall))
      return between(wall, wall + STRETCH).length === 0
        ? wrong(
            `it has no day within 20 years of ${startName}`,
            `look for a day that no month has, and for an UNTIL before ${startName}`,
          )
        : wrong(`${startName} is not a day of the rule`, 'use a day of the rule');
    if (/(?:^|;)count=/i.test(rule) && !canBeCounted(library))
      return wrong('its COUNT takes too long to evaluate', 'use UNTIL instead');
    return { between };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return wrong(error.message, 'write it as in RFC 5545, or use days and times instead');
  }
}

/** What is counted is gone through to its end once: at some later question it would be too late to say that it takes too long. */
function canBeCounted(library: RRuleTemporal): boolean {
  try {
    library.between(END_OF_TIME, END_OF_TIME, true);
    return true;
  } catch {
    return false;
  }
}

/** Both ends of each are included. A daily rule has fewer than the 10,000 days in one that the library goes through. */
function stretches(from: Wall, to: Wall): readonly (readonly [Wall, Wall])[] {
  const found: (readonly [Wall, Wall])[] = [];
  for (let first = from; first <= to; first += STRETCH) found.push([first, Math.min(first + STRETCH - 1, to)]);
  return found;
}

function isNumber(text: string, { max, signed }: { readonly max: number; readonly signed: boolean }): boolean {
  if (!(signed ? /^[+-]?\d+$/ : /^\d+$/).test(text)) return false;
  const size = Math.abs(Number(text));
  return size >= 1 && size <= max;
}

/** As RFC 5545 has it: a date for days; by the clock of those who read it where DTSTART is; else by UTC. By UTC it is understood there, too. */
function untilOf(text: string, { isDate, zone, isFloating }: ZonedTime): Wall | undefined {
  const time = timeOf(text, undefined, isDate);
  if (!time) return undefined;
  if (isDate || (isFloating && time.zone === undefined)) return time.wall;
  return time.zone === 'UTC' ? wallOf(time.wall, zone) : undefined;
}

/** `20270131T000000Z` */
function compact(wall: Wall): string {
  return new Date(wall).toISOString().replace(/[-:]|\.\d+/g, '');
}
