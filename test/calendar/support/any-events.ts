import { Temporal } from 'temporal-polyfill';
import { expect } from 'vitest';
import { fc } from '../../support/random-cases.ts';

/** The events of a calendar around a change of clocks, each by its lines, and where they are read. */
export interface EventCase {
  readonly zone: string;
  readonly events: readonly (readonly string[])[];
  readonly isClosed: boolean;
  /** The moment at which clocks change. */
  readonly change: number;
  /** All zones that occur. */
  readonly clocks: readonly string[];
}

const MINUTE = 60_000;
const FIVE = 5 * MINUTE;
const DAY = 1440 * MINUTE;
const [FROM, TO] = [Date.UTC(2020, 0, 1), Date.UTC(2035, 0, 1)];
/** Those whose clocks still change at the end. */
const ZONES = Intl.supportedValuesOf('timeZone').filter((zone) => zonedOf(TO, zone).getTimeZoneTransition('next'));

export function zonedOf(moment: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
}

function wallOf(moment: number, zone: string): number {
  return moment + zonedOf(moment, zone).offsetNanoseconds / 1e6;
}

/** `20261025T023000` of what is its time in UTC. */
function compact(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19).replace(/[-:]/g, '');
}

function compactDate(wall: number): string {
  return compact(wall).slice(0, 8);
}

type Form = 'utc' | 'own' | 'other' | 'floating';

/** A time near the change: so many times five minutes from it, or days after the start of the event. */
interface Near {
  readonly form: Form;
  readonly fives: number;
  readonly days: number;
  readonly isFromStart: boolean;
  /** The second one of a time that is shown twice. */
  readonly isLater: boolean;
}

const near: fc.Arbitrary<Near> = fc.record({
  form: fc.constantFrom('utc', 'utc', 'own', 'other', 'floating'),
  fives: fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -12, max: 12 })),
  days: fc.integer({ min: -1, max: 4 }),
  isFromStart: fc.boolean(),
  isLater: fc.boolean(),
});
/** Mostly when an occurrence starts. */
const occurring = near.map(
  (time): Near => ({ ...time, isFromStart: time.isFromStart || time.fives < 35, days: Math.max(0, time.days - 2) }),
);
const few = fc.array(near, { maxLength: 3 });
interface End {
  readonly kind: 'none' | 'duration' | 'days' | 'end';
  readonly fives: number;
  readonly form: Form;
  readonly isLater: boolean;
}

const ends: fc.Arbitrary<End> = fc.record({
  kind: fc.constantFrom('none', 'duration', 'days', 'end', 'end'),
  fives: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: -2, max: 15 })),
  form: near.map(({ form }) => form),
  isLater: fc.boolean(),
});
const rules = fc.record({
  each: fc.constantFrom('FREQ=DAILY', 'FREQ=DAILY', 'FREQ=DAILY;INTERVAL=2', 'FREQ=WEEKLY', 'FREQ=MONTHLY'),
  // So many on the 31st of a month are within a year.
  last: fc.oneof(fc.integer({ min: 1, max: 7 }), near, occurring),
});

/** How an event writes times. */
class EventWriter {
  readonly #zones: Readonly<Record<Form, string>>;
  readonly #change: number;
  readonly #isDay: boolean;
  readonly #form: Form;
  readonly #zone: string;
  /** What the clock shows at its start. */
  readonly #start: number;

  constructor(zones: Readonly<Record<Form, string>>, change: number, start: Near, isDay: boolean) {
    this.#zones = zones;
    this.#change = change;
    this.#isDay = isDay;
    this.#form = isDay ? 'floating' : start.form;
    this.#zone = zones[this.#form];
    const wall = this.#wallAt(this.#form, start.fives) - Math.max(0, start.days) * DAY;
    this.#start = isDay ? Math.floor(wall / DAY) * DAY : wall;
  }

  start(): string {
    return this.#isDay
      ? `DTSTART;VALUE=DATE:${compactDate(this.#start)}`
      : this.#written('DTSTART', this.#form, this.#start);
  }

  time(name: string, time: Near): string {
    if (this.#isDay) return `${name};VALUE=DATE:${compactDate(this.#start + time.days * DAY)}`;
    return this.#written(name, time.form, this.#wall(time));
  }

  end({ kind, fives, form, isLater }: End): readonly string[] {
    const size = Math.abs(fives) + 1;
    if (this.#isDay) {
      if (kind === 'none') return [];
      const days = size % 4;
      return kind === 'end'
        ? [`DTEND;VALUE=DATE:${compactDate(this.#start + days * DAY)}`]
        : [`DURATION:P${days + 1}D`];
    }
    if (kind === 'days') return [`DURATION:P1DT${size}H`];
    if (kind !== 'end') return [`DURATION:PT${size * 5}M`];
    const zone = this.#zones[form];
    const from = this.#momentAfterStart(0, isLater);
    const wall = zone === this.#zone ? this.#start + fives * FIVE : wallOf(from + fives * FIVE, zone);
    return [this.#written('DTEND', form, wall)];
  }

  last(last: number | Near): string {
    if (typeof last === 'number') return `COUNT=${last}`;
    if (this.#isDay) return `UNTIL=${compactDate(this.#start + last.days * DAY)}`;
    if (this.#form === 'floating' && last.isLater) return `UNTIL=${compact(this.#start + last.days * DAY)}`;
    // Up to an hour and a quarter from an occurrence: the clock may show something else of both.
    const about = last.isFromStart ? (last.fives % 16) * FIVE : 0;
    return `UNTIL=${compact(this.#wall({ ...last, form: 'utc' }) + about)}Z`;
  }

  /** In the zone of its form; one that clocks skip, if that is the zone of the event. */
  #wall({ form, fives, days, isFromStart, isLater }: Near): number {
    if (!isFromStart) return this.#wallAt(form, fives);
    const zone = this.#zones[form];
    return zone === this.#zone ? this.#start + days * DAY : wallOf(this.#momentAfterStart(days, isLater), zone);
  }

  #wallAt(form: Form, fives: number): number {
    if (form !== 'own') return wallOf(this.#change + fives * FIVE, this.#zones[form]);
    // As if clocks did not change, by that before the change or behind it: one of them shows what is skipped.
    return wallOf(this.#change - (fives % 2 === 0 ? 0 : FIVE), this.#zones.own) + fives * FIVE;
  }

  #momentAfterStart(days: number, isLater: boolean): number {
    const plain = zonedOf(this.#start + days * DAY, 'UTC').toPlainDateTime();
    return plain.toZonedDateTime(this.#zone, { disambiguation: isLater ? 'later' : 'compatible' }).epochMilliseconds;
  }

  #written(name: string, form: Form, wall: number): string {
    if (form === 'utc') return `${name}:${compact(wall)}Z`;
    return `${name}${form === 'floating' ? '' : `;TZID=${this.#zones[form]}`}:${compact(wall)}`;
  }
}

/** With all of: times in UTC, with a zone or without one, and days; a rule; what is added, taken out and moved. */
export const anyEvents = fc
  .record({
    own: fc.constantFrom(...ZONES),
    other: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tokyo'),
    isReadElsewhere: fc.boolean(),
    at: fc.integer({ min: FROM / MINUTE, max: TO / MINUTE }),
    isDay: fc.nat({ max: 5 }).map((number) => number === 0),
    start: fc.oneof(near, occurring),
    end: ends,
    rule: fc.option(rules),
    added: few,
    excluded: few,
    moved: fc.option(fc.record({ from: occurring, to: near, fives: fc.integer({ min: 1, max: 30 }) })),
    isClosed: fc.boolean(),
  })
  .map(({ own, other, isReadElsewhere, at, isDay, start, end, rule, added, excluded, moved, isClosed }): EventCase => {
    const zone = isReadElsewhere ? other : own;
    const change = zonedOf(at * MINUTE, own).getTimeZoneTransition('next')?.epochMilliseconds ?? expect.fail(own);
    const writer = new EventWriter({ utc: 'UTC', own, other, floating: zone }, change, start, isDay);
    const whole = [
      'UID:a',
      writer.start(),
      ...writer.end(end),
      ...(rule ? [`RRULE:${rule.each};${writer.last(rule.last)}`] : []),
      ...added.map((time) => writer.time('RDATE', time)),
      ...excluded.map((time) => writer.time('EXDATE', time)),
    ];
    const apart = moved && [
      'UID:a',
      writer.time('RECURRENCE-ID', moved.from),
      writer.time('DTSTART', moved.to),
      isDay ? 'DURATION:P1D' : `DURATION:PT${moved.fives * 5}M`,
    ];
    return { zone, events: apart ? [whole, apart] : [whole], isClosed, change, clocks: [own, other] };
  });
