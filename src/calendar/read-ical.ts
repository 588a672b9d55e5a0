import type { Problems } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import type { EventSeries } from './event-series.ts';
import { type IcalComponent, type IcalLine, readIcal } from './ical-lines.ts';
import {
  type LocalTime,
  momentOf,
  namedMomentOf,
  readDuration,
  readTimes,
  wallOf,
  type ZonedTime,
} from './ical-time.ts';
import { type Recurrence, readRecurrence } from './recurrence.ts';
import { TimeSet } from './time-set.ts';
import { DAY } from './zone.ts';

/** Properties without influence on the times of an event (RFC 5545, RFC 7986). */
const DESCRIPTIVE = new Set(
  `ATTACH ATTENDEE CATEGORIES CLASS COLOR COMMENT CONCEPT CONFERENCE CONTACT CREATED DESCRIPTION DTSTAMP GEO IMAGE LAST-MODIFIED
  LINK LOCATION NAME ORGANIZER PRIORITY PRODID REFID REFRESH-INTERVAL RELATED-TO REQUEST-STATUS RESOURCES SEQUENCE SOURCE SUMMARY TRANSP
  UID URL`.split(/\s+/),
);
/** Limit per file, on added and excluded starts. */
const MAX_VALUES = 10_000;
/** Limit on the duration of an event. */
export const MAX_EVENT_DAYS = 366;
const TIMELY = ['DTSTART', 'DTEND', 'DURATION', 'RRULE', 'RDATE', 'EXDATE', 'RECURRENCE-ID', 'STATUS'];

/**
 * The events of an iCalendar file (RFC 5545). Problems are added to `problems`, including anything that may affect the times
 * of events and is unsupported: nothing of that is ignored.
 * @param zone the zone of days, and of times without one; undefined if unknown
 */
export function readEvents(file: SourceFile, zone: string | undefined, problems: Problems): readonly EventSeries[] {
  const calendars = readIcal(file, problems);
  if (problems.hasErrors) return [];
  const start = file.range(0, 0);
  if (calendars.length === 0 || calendars.some(({ name }) => name !== 'VCALENDAR')) {
    problems.error(`${file.path} is not an iCalendar file`, start, 'it begins with BEGIN:VCALENDAR');
    return [];
  }
  const events = calendars.flatMap((calendar) => eventsIn(calendar, problems));
  if (events.length === 0) problems.error(`${file.path} contains no events`, start, 'add one, or name another file');
  if (!checkNumber(events, problems)) return [];
  const read = events.flatMap((event) => new EventReader(event, zone, problems).read() ?? []);
  return problems.hasErrors ? [] : combineSeries(read, problems);
}

function checkNumber(events: readonly IcalComponent[], problems: Problems): boolean {
  let values = 0;
  for (const { name, value, range } of events.flatMap(({ lines }) => lines)) {
    if (!['DTSTART', 'RDATE', 'EXDATE'].includes(name)) continue;
    values += value.split(',').length;
    if (values <= MAX_VALUES) continue;
    const hint = 'use rules (RRULE) for the events, or remove past ones';
    problems.error(`the calendar contains more than ${MAX_VALUES} dates and times`, range, hint);
    return false;
  }
  return true;
}

function eventsIn({ lines, components }: IcalComponent, problems: Problems): readonly IcalComponent[] {
  const expected: Readonly<Record<string, string>> = { VERSION: '2.0', CALSCALE: 'GREGORIAN', METHOD: 'PUBLISH' };
  for (const { name, value, range } of lines) {
    const expectedValue = expected[name];
    if (expectedValue !== undefined && value.toUpperCase() !== expectedValue)
      problems.error(`${name}:${value} is not supported`, range, `export the calendar as ${name}:${expectedValue}`);
    else if (expectedValue === undefined && !isDescriptive(name))
      problems.error(`${name} is not supported`, range, 'remove it');
  }
  // Zones are those of the IANA database, by their names.
  for (const { name, range } of components)
    if (name !== 'VEVENT' && name !== 'VTIMEZONE')
      problems.error(`a ${name} does not define when a cluster may be changed`, range, 'remove it: only events do');
  return components.filter(({ name }) => name === 'VEVENT');
}

function isDescriptive(name: string): boolean {
  return DESCRIPTIVE.has(name) || name.startsWith('X-');
}

/** An event as written in the file. */
interface IcalEvent {
  readonly uid: string;
  readonly isCancelled: boolean;
  readonly start: ZonedTime;
  readonly extent: Extent;
  readonly rule: Recurrence | undefined;
  readonly added: readonly LocalTime[];
  readonly excluded: readonly LocalTime[];
  /** The occurrence that it replaces in the series with its UID. */
  readonly replaced: { readonly line: IcalLine; readonly time: ZonedTime } | undefined;
  readonly range: IcalLine['range'];
}

interface Extent {
  /** By the clock of the start, in milliseconds. */
  readonly length: number;
  /** That of the first occurrence, if it is not in the zone of the start. */
  readonly end?: number;
}

class EventReader {
  readonly #event: IcalComponent;
  readonly #zone: string | undefined;
  readonly #problems: Problems;

  constructor(event: IcalComponent, zone: string | undefined, problems: Problems) {
    this.#event = event;
    this.#zone = zone;
    this.#problems = problems;
  }

  read(): IcalEvent | undefined {
    this.#checkSupported();
    const { range } = this.#event;
    const uid = this.#single('UID')?.value;
    const startLine = this.#single('DTSTART');
    if (uid === undefined) return this.#error('the event has no UID', range, 'export the calendar again');
    if (!startLine) return this.#error('the event has no DTSTART', range, 'add its start');
    const status = this.#single('STATUS');
    if (status && !['CONFIRMED', 'CANCELLED'].includes(status.value.toUpperCase()))
      return this.#error(`the event is ${status.value}`, status.range, 'confirm it, or remove it');
    const start = this.#zoned(startLine);
    const extent = start && this.#extent(start);
    if (!start || !extent) return undefined;
    if (extent.length > MAX_EVENT_DAYS * DAY)
      return this.#error(`the event lasts longer than ${MAX_EVENT_DAYS} days`, range, 'split it into several events');
    const ruleLine = this.#single('RRULE');
    const recurrenceIdLine = this.#single('RECURRENCE-ID');
    const [foreign] = recurrenceIdLine ? ['RRULE', 'RDATE', 'EXDATE'].flatMap((name) => this.#all(name)) : [];
    if (foreign)
      return this.#error(
        `a single occurrence has no ${foreign.name}`,
        foreign.range,
        'remove the line, or make it a separate event',
      );
    const rule = ruleLine && readRecurrence(ruleLine, start, this.#problems);
    if (ruleLine && !rule) return undefined;
    const replaced = recurrenceIdLine && this.#zoned(recurrenceIdLine);
    return {
      uid,
      isCancelled: status?.value.toUpperCase() === 'CANCELLED',
      start,
      extent,
      rule,
      added: this.#times('RDATE', start),
      excluded: this.#times('EXDATE', start),
      replaced: recurrenceIdLine && replaced ? { line: recurrenceIdLine, time: replaced } : undefined,
      range,
    };
  }

  #checkSupported(): void {
    for (const { name, range } of this.#event.components)
      if (name !== 'VALARM') this.#error(`${name} in an event is not supported`, range, 'remove it');
    for (const { name, range } of this.#event.lines)
      if (!isDescriptive(name) && !TIMELY.includes(name)) this.#error(`${name} is not supported`, range, 'remove it');
  }

  #extent(start: ZonedTime): Extent | undefined {
    const [end, duration] = [this.#single('DTEND'), this.#single('DURATION')];
    const { range } = this.#event;
    if (end && duration) return this.#error('the event has DTEND and DURATION', duration.range, 'remove one of them');
    if (duration) {
      const length = readDuration(duration.value);
      if (length === undefined || (start.isDate && length % DAY !== 0))
        return this.#error(`DURATION:${duration.value} is not valid`, duration.range, 'write it like PT3H or P1D');
      return { length };
    }
    if (!end)
      return start.isDate ? { length: DAY } : this.#error('the event has no end', range, 'give it DTEND or DURATION');
    const time = this.#zoned(end);
    if (!time) return undefined;
    if (time.isDate !== start.isDate)
      return this.#error('DTSTART and DTEND are not both dates, or both times', end.range, 'make them alike');
    const isSameClock = time.zone === start.zone;
    const moment = momentOf(time);
    const length = (isSameClock ? time.wall : wallOf(moment, start.zone)) - start.wall;
    if (length > 0) return isSameClock ? { length } : { length, end: moment };
    if (isSameClock || moment <= momentOf(start))
      return this.#error('the event ends before it starts', end.range, 'check its times');
    // Clocks are put back in between: it ends at an earlier time than it starts at.
    if (this.#all('RRULE').length + this.#all('RDATE').length === 0) return { length, end: moment };
    const problem = 'by the clock the event ends before it starts: its other occurrences have no length';
    return this.#error(problem, end.range, 'give it a DURATION instead of DTEND');
  }

  /** These are dates if the start is one. */
  #times(name: string, start: ZonedTime): readonly LocalTime[] {
    return this.#all(name).flatMap((line) =>
      this.#allZoned(line).flatMap((time) => {
        if (time.isDate === start.isDate) return [time];
        this.#error(`${line.name} and DTSTART are not both dates, or both times`, line.range, 'make them alike');
        return [];
      }),
    );
  }

  #zoned(line: IcalLine): ZonedTime | undefined {
    const [time, ...others] = this.#allZoned(line);
    if (others.length > 0) return this.#error(`${line.name} is several times`, line.range, 'write one');
    return time;
  }

  #allZoned(line: IcalLine): readonly ZonedTime[] {
    const times = readTimes(line, this.#problems) ?? [];
    const zoned = times.flatMap((time) => {
      const zone = time.zone ?? this.#zone;
      return zone === undefined ? [] : [{ ...time, zone, isFloating: time.zone === undefined }];
    });
    if (zoned.length === times.length) return zoned;
    const what = times.some(({ isDate }) => isDate) ? 'a day' : 'a time without a zone';
    this.#error(
      `${line.name} is ${what}, and its zone is unknown`,
      line.range,
      'in the inventory, add zone: Europe/Berlin beside calendar:',
    );
    return [];
  }

  #all(name: string): readonly IcalLine[] {
    return this.#event.lines.filter((line) => line.name === name);
  }

  #single(name: string): IcalLine | undefined {
    const [line, second] = this.#all(name);
    if (second) this.#error(`the event has ${name} twice`, second.range, 'remove one of them');
    return line;
  }

  #error(message: string, range: IcalLine['range'], hint: string): undefined {
    this.#problems.error(message, range, hint);
    return undefined;
  }
}

/** Removes from series the occurrences that have their own event; cancelled events are dropped. */
function combineSeries(events: readonly IcalEvent[], problems: Problems): readonly EventSeries[] {
  const series = new Map<string, IcalEvent>();
  for (const event of events) {
    if (event.replaced) continue;
    if (series.has(event.uid))
      problems.error(`two events have the UID ${event.uid}`, event.range, 'export the calendar again');
    series.set(event.uid, event);
  }
  const taken = new Map<string, LocalTime[]>();
  const named = new Set<string>();
  for (const { uid, replaced } of events) {
    if (!replaced) continue;
    const whole = series.get(uid);
    const name = `${namedMomentOf(replaced.time)} ${uid}`;
    if (named.has(name))
      problems.error(
        `two events replace the occurrence at ${replaced.line.value}`,
        replaced.line.range,
        'remove the outdated one',
      );
    named.add(name);
    if (!whole || !hasStart(whole, replaced.time))
      problems.error(
        `no event of that UID has an occurrence at ${replaced.line.value}`,
        replaced.line.range,
        'export the calendar again',
      );
    else taken.set(uid, [...(taken.get(uid) ?? []), replaced.time]);
  }
  return events
    .filter(({ isCancelled }) => !isCancelled)
    .flatMap((event): readonly EventSeries[] => {
      const { uid, start, extent, rule, added, excluded, replaced } = event;
      const whole = series.get(uid);
      if (replaced && whole?.isCancelled) return [];
      const out = replaced ? [] : [...excluded, ...(taken.get(uid) ?? [])];
      const { zone } = start;
      const starts = [{ ...start, end: extent.end }, ...added];
      return [{ zone, length: extent.length, starts, rule, excluded: new TimeSet(out) }];
    });
}

/** Whether the time names an occurrence of the event, in whatever zone. */
function hasStart({ start, added, rule }: IcalEvent, time: ZonedTime): boolean {
  if (time.isDate !== start.isDate) return false;
  const { zone } = start;
  const names = new TimeSet([time]);
  // A time that clocks skip is named by a moment at which they show a later one.
  const last = wallOf(namedMomentOf(time), zone);
  const ruled = rule?.between(last - DAY, last).map((wall) => ({ wall, zone })) ?? [];
  return [start, ...added, ...ruled].some((at) => names.has(at));
}
