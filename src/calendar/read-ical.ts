import type { Problems } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import type { EventSeries } from './event-series.ts';
import { type IcalComponent, type IcalLine, readIcal } from './ical-lines.ts';
import { momentOf, readDuration, readTimes, type Wall, wallOf, type ZonedTime } from './ical-time.ts';
import { type Recurrence, readRecurrence } from './recurrence.ts';
import { DAY } from './zone.ts';

/** What says nothing of when an event is (RFC 5545, RFC 7986). */
const DESCRIPTIVE = new Set(
  `ATTACH ATTENDEE CATEGORIES CLASS COLOR COMMENT CONCEPT CONFERENCE CONTACT CREATED DESCRIPTION DTSTAMP GEO IMAGE LAST-MODIFIED
  LINK LOCATION NAME ORGANIZER PRIORITY PRODID REFID REFRESH-INTERVAL RELATED-TO REQUEST-STATUS RESOURCES SEQUENCE SOURCE SUMMARY TRANSP
  UID URL`.split(/\s+/),
);
/** Of a file: beginnings, and those that are taken out. */
const MOST_VALUES = 10_000;
/** An event lasts at most so long. */
export const LONGEST_DAYS = 366;
const TIMELY = ['DTSTART', 'DTEND', 'DURATION', 'RRULE', 'RDATE', 'EXDATE', 'RECURRENCE-ID', 'STATUS'];

/**
 * The events of an iCalendar file (RFC 5545). What is wrong with it is added to `problems`, and so is all that says when something is and is
 * not understood: nothing of that is passed over.
 * @param zone whose clock days, and times without a zone, are meant by; undefined when nobody says it
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
  if (!areFew(events, problems)) return [];
  const read = events.flatMap((event) => new EventReader(event, zone, problems).read() ?? []);
  return problems.hasErrors ? [] : combined(read, problems);
}

function areFew(events: readonly IcalComponent[], problems: Problems): boolean {
  let values = 0;
  for (const { name, value, range } of events.flatMap(({ lines }) => lines)) {
    if (!['DTSTART', 'RDATE', 'EXDATE'].includes(name)) continue;
    values += value.split(',').length;
    if (values <= MOST_VALUES) continue;
    const hint = 'use rules (RRULE) for the events, or remove past ones';
    problems.error(`the calendar contains more than ${MOST_VALUES} dates and times`, range, hint);
    return false;
  }
  return true;
}

function eventsIn({ lines, components }: IcalComponent, problems: Problems): readonly IcalComponent[] {
  const expected: Readonly<Record<string, string>> = { VERSION: '2.0', CALSCALE: 'GREGORIAN', METHOD: 'PUBLISH' };
  for (const { name, value, range } of lines) {
    const only = expected[name];
    if (only !== undefined && value.toUpperCase() !== only)
      problems.error(`${name}:${value} is not supported`, range, `export the calendar as ${name}:${only}`);
    else if (only === undefined && !isDescriptive(name)) problems.error(`${name} is not supported`, range, 'remove it');
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

/** An event as it stands in the file. */
interface IcalEvent {
  readonly uid: string;
  readonly isCancelled: boolean;
  readonly start: ZonedTime;
  readonly length: number;
  readonly rule: Recurrence | undefined;
  readonly added: readonly Wall[];
  readonly excluded: readonly Wall[];
  /** Which occurrence of the series of that UID it stands for. */
  readonly instead: { readonly line: IcalLine; readonly wall: Wall } | undefined;
  readonly range: IcalLine['range'];
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
    const uid = this.#one('UID')?.value;
    const startLine = this.#one('DTSTART');
    if (uid === undefined) return this.#wrong('the event has no UID', range, 'export the calendar again');
    if (!startLine) return this.#wrong('the event has no DTSTART', range, 'add its start');
    const status = this.#one('STATUS');
    if (status && !['CONFIRMED', 'CANCELLED'].includes(status.value.toUpperCase()))
      return this.#wrong(`the event is ${status.value}`, status.range, 'confirm it, or remove it');
    const start = this.#zoned(startLine);
    const length = start && this.#length(start);
    if (!start || length === undefined) return undefined;
    if (length > LONGEST_DAYS * DAY)
      return this.#wrong(`the event lasts longer than ${LONGEST_DAYS} days`, range, 'split it into several events');
    const ruleLine = this.#one('RRULE');
    const insteadLine = this.#one('RECURRENCE-ID');
    if (insteadLine && ruleLine)
      return this.#wrong('an occurrence has no rule of its own', ruleLine.range, 'make it a separate event');
    const rule = ruleLine && readRecurrence(ruleLine, start, this.#problems);
    if (ruleLine && !rule) return undefined;
    const instead = insteadLine && this.#walls([insteadLine], start)[0];
    return {
      uid,
      isCancelled: status?.value.toUpperCase() === 'CANCELLED',
      start,
      length,
      rule,
      added: this.#walls(this.#all('RDATE'), start),
      excluded: this.#walls(this.#all('EXDATE'), start),
      instead: insteadLine && instead !== undefined ? { line: insteadLine, wall: instead } : undefined,
      range,
    };
  }

  #checkSupported(): void {
    for (const { name, range } of this.#event.components)
      if (name !== 'VALARM') this.#wrong(`${name} in an event is not supported`, range, 'remove it');
    for (const { name, range } of this.#event.lines)
      if (!isDescriptive(name) && !TIMELY.includes(name)) this.#wrong(`${name} is not supported`, range, 'remove it');
  }

  /** By the clock of its beginning. */
  #length(start: ZonedTime): number | undefined {
    const [end, duration] = [this.#one('DTEND'), this.#one('DURATION')];
    const { range } = this.#event;
    if (end && duration) return this.#wrong('the event has DTEND and DURATION', duration.range, 'remove one of them');
    if (duration) {
      const length = readDuration(duration.value);
      if (length === undefined || (start.isDate && length % DAY !== 0))
        return this.#wrong(`DURATION:${duration.value} is not valid`, duration.range, 'write it like PT3H or P1D');
      return length;
    }
    if (!end) return start.isDate ? DAY : this.#wrong('the event has no end', range, 'give it DTEND or DURATION');
    const time = this.#zoned(end);
    if (!time) return undefined;
    if (time.isDate !== start.isDate)
      return this.#wrong('DTSTART and DTEND are not both dates, or both times', end.range, 'make them alike');
    const wall = time.zone === start.zone ? time.wall : wallOf(momentOf(time.wall, time.zone), start.zone);
    if (wall <= start.wall) return this.#wrong('the event ends before it starts', end.range, 'check its times');
    return wall - start.wall;
  }

  /** By the clock of the beginning; each is a date where that is one. */
  #walls(lines: readonly IcalLine[], start: ZonedTime): readonly Wall[] {
    return lines.flatMap((line) =>
      (readTimes(line, this.#problems) ?? []).flatMap((time) => {
        if (time.isDate !== start.isDate) {
          this.#wrong(`${line.name} and DTSTART are not both dates, or both times`, line.range, 'make them alike');
          return [];
        }
        if (time.zone === undefined || time.zone === start.zone) return [time.wall];
        return [wallOf(momentOf(time.wall, time.zone), start.zone)];
      }),
    );
  }

  #zoned(line: IcalLine): ZonedTime | undefined {
    const times = readTimes(line, this.#problems);
    const [time, ...others] = times ?? [];
    if (!time) return undefined;
    if (others.length > 0) return this.#wrong(`${line.name} is several times`, line.range, 'write one');
    const zone = time.zone ?? this.#zone;
    if (zone !== undefined) return { ...time, zone, isFloating: time.zone === undefined };
    const what = time.isDate ? 'a day' : 'a time without a zone';
    return this.#wrong(
      `${line.name} is ${what}, and its zone is unknown`,
      line.range,
      'in the inventory, add zone: Europe/Berlin beside calendar:',
    );
  }

  #all(name: string): readonly IcalLine[] {
    return this.#event.lines.filter((line) => line.name === name);
  }

  #one(name: string): IcalLine | undefined {
    const [line, second] = this.#all(name);
    if (second) this.#wrong(`the event has ${name} twice`, second.range, 'remove one of them');
    return line;
  }

  #wrong(message: string, range: IcalLine['range'], hint: string): undefined {
    this.#problems.error(message, range, hint);
    return undefined;
  }
}

/** Occurrences that have an event of their own are taken out of their series; what is cancelled is left out. */
function combined(events: readonly IcalEvent[], problems: Problems): readonly EventSeries[] {
  const series = new Map<string, IcalEvent>();
  for (const event of events) {
    if (event.instead) continue;
    if (series.has(event.uid))
      problems.error(`two events have the UID ${event.uid}`, event.range, 'export the calendar again');
    series.set(event.uid, event);
  }
  const taken = new Map<string, Wall[]>();
  for (const { uid, instead } of events) {
    if (!instead) continue;
    const whole = series.get(uid);
    if (!whole || !startsOf(whole, instead.wall).includes(instead.wall))
      problems.error(
        `no event of that UID has an occurrence at ${instead.line.value}`,
        instead.line.range,
        'export the calendar again',
      );
    taken.set(uid, [...(taken.get(uid) ?? []), instead.wall]);
  }
  return events
    .filter(({ isCancelled }) => !isCancelled)
    .flatMap((event): readonly EventSeries[] => {
      const { uid, start, length, rule, added, excluded, instead } = event;
      const whole = series.get(uid);
      if (instead && whole?.isCancelled) return [];
      const out = instead ? [] : [...excluded, ...(taken.get(uid) ?? [])];
      return [{ zone: start.zone, length, starts: [start.wall, ...added], rule, excluded: new Set(out) }];
    });
}

/** Of the beginnings of an event those at such a time. */
function startsOf({ start, added, rule }: IcalEvent, at: Wall): readonly Wall[] {
  return [start.wall, ...added, ...(rule?.between(at, at) ?? [])];
}
