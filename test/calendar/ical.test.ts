import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastWritten } from '../../src/calendar/event-series.ts';
import type { LocalTime } from '../../src/calendar/ical-time.ts';
import { openings } from '../../src/calendar/openings.ts';
import { stateAt } from '../../src/calendar/state.ts';
import { TimeSet } from '../../src/calendar/time-set.ts';
import { momentText } from '../../src/calendar/zone.ts';
import { CalendarFiles, type CalendarReading } from './support/calendar-files.ts';

let calendars: CalendarFiles;
beforeAll(() => {
  calendars = new CalendarFiles();
});
afterAll(() => calendars.close());

const MINUTE = 60_000;

function opened({ calendar, said }: CalendarReading, from: string, to: string, zone: string): readonly string[] {
  expect(said).toEqual([]);
  const found: string[] = [];
  for (const { start, end } of openings(calendar, Date.parse(from))) {
    if (start >= Date.parse(to)) break;
    found.push(`${momentText(start, zone)} + ${(end - start) / MINUTE}m`.replace(` ${zone}`, ''));
  }
  return found;
}

/** A content line with a fold after each byte behind its first four: RFC 5545, 3.1, folds between bytes, not characters. */
function splitBetweenBytes(line: string): Buffer {
  const bytes = [...Buffer.from(line)].map((byte) => Buffer.from([byte]));
  const folded = bytes.flatMap((byte, index) => (index < 4 ? [byte] : [byte, Buffer.from('\r\n ')]));
  return Buffer.concat([...folded.slice(0, -1), Buffer.from('\r\n')]);
}

const WEEKLY = `UID:weekly
DTSTAMP:20260101T000000Z
SUMMARY:Maintenance: all clusters of th
 e north
DTSTART;TZID=Europe/Berlin:20260106T010000
DTEND;TZID="Europe/Berlin":20260106T040000
RRULE:FREQ=WEEKLY;BYDAY=TU`;

describe('the events of an iCalendar file', () => {
  it('are windows: by a rule, without the dates that are taken out, by the clock of their zone', () => {
    calendars.write('weekly.ics', `${WEEKLY}\nEXDATE;TZID=Europe/Berlin:20260324T010000\nEXDATE:20260407T230000Z`);
    const calendar = calendars.read('{ calendar: weekly.ics }');
    expect(opened(calendar, '2026-03-15T00:00Z', '2026-04-20T00:00Z', 'Europe/Berlin')).toEqual([
      'Tue 2026-03-17 01:00 + 180m',
      'Tue 2026-03-31 01:00 + 180m',
      // EXDATE by UTC: Wednesday, 01:00 in Berlin, which is no occurrence.
      'Tue 2026-04-07 01:00 + 180m',
      'Tue 2026-04-14 01:00 + 180m',
    ]);
  });

  it('give way to events that stand for one of their occurrences: moved, or cancelled', () => {
    calendars.write(
      'moved.ics',
      WEEKLY,
      `UID:weekly
RECURRENCE-ID;TZID=Europe/Berlin:20260310T010000
DTSTART;TZID=Europe/Berlin:20260311T020000
DURATION:PT1H30M`,
      `UID:weekly
RECURRENCE-ID:20260317T000000Z
DTSTART;TZID=Europe/Berlin:20260317T010000
DTEND;TZID=Europe/Berlin:20260317T040000
STATUS:CANCELLED`,
    );
    expect(
      opened(calendars.read('{ calendar: moved.ics }'), '2026-03-01T00:00Z', '2026-03-26T00:00Z', 'Europe/Berlin'),
    ).toEqual(['Tue 2026-03-03 01:00 + 180m', 'Wed 2026-03-11 02:00 + 90m', 'Tue 2026-03-24 01:00 + 180m']);
  });

  it('are on the clock at its changes, as all windows are', () => {
    calendars.write(
      'night.ics',
      WEEKLY.replaceAll('20260106', '20260104').replace('BYDAY=TU', 'BYDAY=SU').replace('T010000', 'T023000'),
    );
    expect(
      opened(calendars.read('{ calendar: night.ics }'), '2026-03-28T00:00Z', '2026-03-30T00:00Z', 'Europe/Berlin'),
    ).toEqual(['Sun 2026-03-29 03:00 + 60m']);
    expect(
      opened(calendars.read('{ calendar: night.ics }'), '2026-10-24T12:00Z', '2026-10-26T00:00Z', 'Europe/Berlin'),
    ).toEqual(['Sun 2026-10-25 02:30+02:00 + 150m']);
  });

  it.each(['20260329T003000Z', '20260329T010000Z'])(
    'can be taken out, moved or the last in UTC where the clock skips their beginning, of which %s is not the time by RFC 5545',
    (other) => {
      const sunday = WEEKLY.replaceAll('20260106', '20260104')
        .replace('BYDAY=TU', 'BYDAY=SU')
        .replace('T010000', 'T023000');
      const around = (...events: readonly string[]): readonly string[] => {
        calendars.write('night.ics', ...events);
        const read = calendars.read('{ calendar: night.ics }');
        return opened(read, '2026-03-28T00:00Z', '2026-03-30T00:00Z', 'Europe/Berlin');
      };
      expect(around(`${sunday}\nEXDATE:20260329T013000Z`)).toEqual([]);
      expect(around(`${sunday}\nEXDATE:${other}`)).toEqual(['Sun 2026-03-29 03:00 + 60m']);
      expect(around(`${sunday};UNTIL=20260329T013000Z`)).toEqual(['Sun 2026-03-29 03:00 + 60m']);
      expect(around(`${sunday};UNTIL=${other}`)).toEqual([]);
      const moved = 'UID:weekly\nRECURRENCE-ID:20260329T013000Z\nDTSTART:20260329T100000Z\nDURATION:PT1H';
      expect(around(sunday, moved)).toEqual(['Sun 2026-03-29 12:00 + 60m']);
    },
  );

  describe('in the hour that clocks show twice', () => {
    const DAILY = 'UID:d\nDTSTART;TZID=Europe/Berlin:20261023T023000\nDURATION:PT15M\nRRULE:FREQ=DAILY;COUNT=4';
    const around = (...events: readonly string[]): readonly string[] => {
      calendars.write('twice.ics', ...events);
      return opened(
        calendars.read('{ calendar: twice.ics }'),
        '2026-10-24T12:00Z',
        '2026-10-25T12:00Z',
        'Europe/Berlin',
      );
    };
    const FIRST = 'Sun 2026-10-25 02:30+02:00 + 15m';
    const SECOND = 'Sun 2026-10-25 02:30+01:00 + 15m';

    it('start at the moment that an RDATE in UTC says, and end by the clock after it', () => {
      const event = 'UID:r\nDTSTART;TZID=Europe/Berlin:20261010T010000\nDURATION:PT15M\nRDATE:';
      expect(around(`${event}20261025T003000Z`)).toEqual([FIRST]);
      expect(around(`${event}20261025T013000Z`)).toEqual([SECOND]);
      expect(around(`${event}20261025T013000Z`.replace('PT15M', 'PT1H'))).toEqual(['Sun 2026-10-25 02:30+01:00 + 60m']);
    });

    it('end at the moment that a DTEND in UTC says, whatever the clock shows then', () => {
      const until = (end: string): readonly string[] =>
        around(`UID:e\nDTSTART;TZID=Europe/Berlin:20261025T023000\nDTEND:${end}`);
      expect(until('20261025T004500Z')).toEqual([FIRST]);
      expect(until('20261025T011500Z')).toEqual(['Sun 2026-10-25 02:30+02:00 + 45m']);
      expect(until('20261025T014500Z')).toEqual(['Sun 2026-10-25 02:30+02:00 + 75m']);
      calendars.write('twice.ics', 'UID:e\nDTSTART;TZID=Europe/Berlin:20261025T023000\nDTEND:20261025T003000Z');
      expect(calendars.read('{ calendar: twice.ics }').said).toEqual(['twice.ics:7:1 the event ends before it starts']);
    });

    it('have no length for other days if they end at an earlier time than they start at', () => {
      const event = 'UID:e\nDTSTART;TZID=Europe/Berlin:20261025T023000\nDTEND:20261025T011500Z';
      for (const more of ['RRULE:FREQ=DAILY', 'RDATE:20261027T000000Z']) {
        calendars.write('twice.ics', `${event}\n${more}`);
        expect(calendars.read('{ calendar: twice.ics }').said).toEqual([
          'twice.ics:7:1 by the clock the event ends before it starts: its other occurrences have no length',
        ]);
      }
    });

    it('are the last of a rule that ends at a moment in UTC after them, whatever the clock shows then', () => {
      const until = (end: string) => around(DAILY.replace('COUNT=4', `UNTIL=${end}`));
      expect(until('20261025T002959Z')).toEqual([]);
      for (const end of ['20261025T003000Z', '20261025T011500Z', '20261025T013000Z'])
        expect(until(end), end).toEqual([FIRST]);
    });

    it('are taken out or moved by the moment in UTC at which they start, and by no other', () => {
      expect(around(`${DAILY}\nEXDATE:20261025T003000Z`)).toEqual([]);
      expect(around(`${DAILY}\nEXDATE:20261025T013000Z`)).toEqual([FIRST]);
      expect(around(`${DAILY}\nRDATE:20261025T013000Z`)).toEqual([FIRST, SECOND]);
      expect(around(`${DAILY}\nRDATE:20261025T013000Z\nEXDATE;TZID=Europe/Berlin:20261025T023000`)).toEqual([SECOND]);
      const moved = (from: string) => `UID:d\nRECURRENCE-ID:${from}\nDTSTART:20261025T090000Z\nDURATION:PT1H`;
      const late = 'Sun 2026-10-25 10:00 + 60m';
      expect(around(DAILY, moved('20261025T003000Z'))).toEqual([late]);
      expect(around(`${DAILY}\nRDATE:20261025T013000Z`, moved('20261025T013000Z'))).toEqual([FIRST, late]);
      calendars.write('twice.ics', DAILY, moved('20261025T013000Z'));
      expect(calendars.read('{ calendar: twice.ics }').said).toEqual([
        'twice.ics:12:1 no event of that UID has an occurrence at 20261025T013000Z',
      ]);
    });
  });

  it('have times without a zone that are by the clock of the reader, whatever the zone of the event is', () => {
    const event = 'UID:z\nDTSTART:20260106T010000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3';
    const around = (...events: readonly string[]): readonly string[] => {
      calendars.write('zone.ics', ...events);
      const read = calendars.read('{ calendar: zone.ics, zone: Europe/Berlin }');
      return opened(read, '2026-01-01T00:00Z', '2026-02-01T00:00Z', 'UTC');
    };
    const days = ['Tue 2026-01-06 01:00 + 60m', 'Wed 2026-01-07 01:00 + 60m', 'Thu 2026-01-08 01:00 + 60m'];
    expect(around(`${event}\nEXDATE:20260107T020000`)).toEqual([days[0], days[2]]);
    expect(around(`${event}\nEXDATE:20260107T010000`)).toEqual(days);
    expect(around(`${event}\nRDATE:20260109T010000`)).toEqual([...days, 'Fri 2026-01-09 00:00 + 60m']);
    const moved = 'UID:z\nRECURRENCE-ID:20260108T020000\nDTSTART:20260110T020000\nDTEND:20260110T013000Z';
    expect(around(event, moved)).toEqual([...days.slice(0, 2), 'Sat 2026-01-10 01:00 + 30m']);
  });

  it('close whole days, for several days, every year', () => {
    calendars.write(
      'freeze.ics',
      'UID:f\nDTSTART;VALUE=DATE:20251220\nDTEND;VALUE=DATE:20260107\nRRULE:FREQ=YEARLY',
      'UID:g\nDTSTART;VALUE=DATE:20261203',
    );
    const calendar = calendars.read('daily 22:00-02:00 Europe/Berlin', '{ calendar: freeze.ics }');
    const days = opened(calendar, '2026-12-01T12:00Z', '2027-01-08T00:00Z', 'Europe/Berlin');
    expect(days.slice(0, 4)).toEqual([
      'Tue 2026-12-01 22:00 + 240m',
      'Wed 2026-12-02 22:00 + 120m',
      'Fri 2026-12-04 00:00 + 120m',
      'Fri 2026-12-04 22:00 + 240m',
    ]);
    expect(days.slice(-3)).toEqual([
      'Sat 2026-12-19 22:00 + 120m',
      'Thu 2027-01-07 00:00 + 120m',
      'Thu 2027-01-07 22:00 + 240m',
    ]);
    const { calendar: always } = calendars.read(
      undefined,
      '[{ calendar: freeze.ics, zone: Europe/Berlin }, 2026-12-10 UTC]',
    );
    expect(stateAt(always, Date.parse('2026-12-25T12:00Z'), 0)).toMatchObject({
      why: 'closed',
      next: { start: Date.parse('2027-01-07T00:00+01:00') },
    });
  });

  it('without a zone end by the clock of whoever reads them', () => {
    const floating = (until: string) =>
      `UID:u\nDTSTART:20260106T010000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=${until}`;
    calendars.write('until.ics', floating('20260108T010000'));
    const calendar = calendars.read('{ calendar: until.ics, zone: Europe/Berlin }');
    const days = ['Tue 2026-01-06 01:00 + 60m', 'Wed 2026-01-07 01:00 + 60m', 'Thu 2026-01-08 01:00 + 60m'];
    expect(opened(calendar, '2026-01-01T00:00Z', '2026-02-01T00:00Z', 'Europe/Berlin')).toEqual(days);
    calendars.write('until.ics', floating('20260108T005959'));
    const shorter = calendars.read('{ calendar: until.ics, zone: Europe/Berlin }');
    expect(opened(shorter, '2026-01-01T00:00Z', '2026-02-01T00:00Z', 'Europe/Berlin')).toEqual(days.slice(0, 2));
  });

  it('end where a rule says that it never ends, in any zone', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York']) {
      calendars.write(
        'ever.ics',
        `UID:e\nDTSTART;TZID=${zone}:20260106T010000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=99991231T235959Z`,
      );
      const calendar = calendars.read('{ calendar: ever.ics }');
      expect(opened(calendar, '2026-01-01T00:00Z', '2026-01-08T00:00Z', zone)[0]).toBe('Tue 2026-01-06 01:00 + 60m');
    }
  });

  it('are found by a daily rule however far away a date is written', { timeout: 30_000 }, () => {
    const second = (index: number) => new Date(index * 7_200_000).toISOString().replace(/[-:]|\.\d+/g, '');
    const times = Array.from({ length: 100 }, (_, index) => second(index)).join(',');
    calendars.write(
      'many.ics',
      `UID:m\nDTSTART:20560106T010000Z\nDURATION:PT1H\nRDATE:${times}`,
      'UID:d\nDTSTART:20200106T010000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=9999',
      'UID:e\nDTSTART:20200106T030000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY',
    );
    const calendar = calendars.read('{ calendar: many.ics }');
    expect(opened(calendar, '2055-12-31T12:00Z', '2056-01-01T12:00Z', 'UTC')).toEqual(['Sat 2056-01-01 03:00 + 60m']);
    expect(opened(calendar, '2026-01-01T00:00Z', '2026-01-01T12:00Z', 'UTC')).toEqual([
      'Thu 2026-01-01 01:00 + 60m',
      'Thu 2026-01-01 03:00 + 60m',
    ]);
  });

  it('may end after the last year that can be written, and be more than a function takes arguments', () => {
    calendars.write('last.ics', 'UID:l\nDTSTART:99991231T010000Z\nDURATION:P30D');
    const [opening] = openings(calendars.read('{ calendar: last.ics }').calendar, Date.parse('2026-01-01T00:00Z'));
    expect((opening?.end ?? 0) - (opening?.start ?? 0)).toBe(30 * 24 * 60 * MINUTE);
    const starts = Array<LocalTime>(300_000).fill({ wall: 0, zone: 'UTC' });
    const many = { zone: 'UTC', length: MINUTE, starts, rule: undefined, excluded: new TimeSet([]) };
    expect(lastWritten([many])).toBe(MINUTE + 24 * 60 * MINUTE);
  });

  it('have the characters that a line is folded in the midst of', () => {
    const lines = (...texts: readonly string[]) => Buffer.from(texts.map((text) => `${text}\r\n`).join(''));
    const uid = splitBetweenBytes('UID:Wartung-für-München-😀');
    const file = Buffer.concat([
      lines('BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT'),
      uid,
      lines('DTSTART:20260106T010000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=2', 'END:VEVENT', 'BEGIN:VEVENT'),
      lines(
        'UID:Wartung-für-München-😀',
        'RECURRENCE-ID:20260107T010000Z',
        'DTSTART:20260109T010000Z',
        'DURATION:PT1H',
      ),
      lines('END:VEVENT', 'END:VCALENDAR'),
    ]);
    calendars.writeText('fold.ics', file);
    const calendar = calendars.read('{ calendar: fold.ics }');
    expect(opened(calendar, '2026-01-01T00:00Z', '2026-02-01T00:00Z', 'UTC')).toEqual([
      'Tue 2026-01-06 01:00 + 60m',
      'Fri 2026-01-09 01:00 + 60m',
    ]);
  });

  it('are found in the midst of them, and touching others', () => {
    calendars.write(
      'long.ics',
      'UID:l\nDTSTART:20261201T000000Z\nDURATION:P20D',
      'UID:m\nDTSTART:20261221T000000Z\nDURATION:PT2H',
    );
    const { calendar } = calendars.read('{ calendar: long.ics }');
    expect(stateAt(calendar, Date.parse('2026-12-18T00:00Z'), 0)).toEqual({
      kind: 'open',
      until: Date.parse('2026-12-21T02:00Z'),
    });
  });
});

const START = 'DTSTART:20260106T010000Z\nDTEND:20260106T040000Z';

describe('what is not supported of an iCalendar file is an error with its line', () => {
  it.each([
    [
      'no zone that is known',
      'UID:a\nDTSTART;TZID=W. Europe Standard Time:20260106T010000',
      "x.ics:6:1 there is no time zone 'W. Europe Standard Time'",
    ],
    [
      'no zone',
      'UID:a\nDTSTART:20260106T010000\nDURATION:PT3H',
      'x.ics:6:1 DTSTART is a time without a zone, and its zone is unknown',
    ],
    ...['EXDATE', 'RDATE', 'RECURRENCE-ID'].map((name) => [
      `no zone of ${name}`,
      `UID:a\nDTSTART:20260106T010000Z\nDURATION:PT3H\n${name}:20260106T010000`,
      `x.ics:8:1 ${name} is a time without a zone, and its zone is unknown`,
    ]),
    [
      'several occurrences at once',
      'UID:a\nDTSTART:20260106T010000Z\nDURATION:PT3H\nRECURRENCE-ID:20260106T010000Z,20260107T010000Z',
      'x.ics:8:1 RECURRENCE-ID is several times',
    ],
    [
      'a day without a zone',
      'UID:a\nDTSTART;VALUE=DATE:20260106',
      'x.ics:6:1 DTSTART is a day, and its zone is unknown',
    ],
    [
      'no day of the calendar',
      'UID:a\nDTSTART:20260230T010000Z\nDURATION:PT3H',
      "x.ics:6:1 DTSTART: '20260230T010000Z' is not a time",
    ],
    [
      'an end before the beginning',
      'UID:a\nDTSTART:20260106T010000Z\nDTEND:20260106T010000Z',
      'x.ics:7:1 the event ends before it starts',
    ],
    ['no end', 'UID:a\nDTSTART:20260106T010000Z', 'x.ics:4:1 the event has no end'],
    [
      'a duration beyond all bounds',
      'UID:a\nDTSTART:20260106T010000Z\nDURATION:P99999999W',
      'x.ics:4:1 the event lasts longer than 366 days',
    ],
    [
      'an end years later',
      'UID:a\nDTSTART:20260106T010000Z\nDTEND:99991231T010000Z',
      'x.ics:4:1 the event lasts longer than 366 days',
    ],
    [
      'too many times',
      `UID:a\n${START}\nRDATE:${Array(10_000).fill('20260107T010000Z').join(',')}`,
      'x.ics:8:1 the calendar contains more than 10000 dates and times',
    ],
    [
      'more than can be counted',
      `UID:a\n${START}\nRRULE:FREQ=DAILY;COUNT=50000`,
      'x.ics:8:1 RRULE: COUNT=50000 is not valid',
    ],
    [
      'more days than can be counted through',
      `UID:a\n${START}\nRRULE:FREQ=DAILY;BYMONTH=1;COUNT=9999`,
      'x.ics:8:1 RRULE: its COUNT takes too long to evaluate',
    ],
    [
      'an end without a zone where the beginning has one',
      `UID:a\n${START}\nRRULE:FREQ=DAILY;UNTIL=20260301T000000`,
      'x.ics:8:1 RRULE: UNTIL=20260301T000000 does not match DTSTART',
    ],
    ['nonsense for a rule', `UID:a\n${START}\nRRULE:FREQ=WEEKLY;BYDAY=XX`, 'x.ics:8:1 RRULE: BYDAY=XX is not valid'],
    [
      'a month that is none',
      `UID:a\n${START}\nRRULE:FREQ=YEARLY;BYMONTH=13`,
      'x.ics:8:1 RRULE: BYMONTH=13 is not valid',
    ],
    [
      'an hourly rule',
      `UID:a\n${START}\nRRULE:FREQ=HOURLY`,
      'x.ics:8:1 RRULE: FREQ=HOURLY cannot be the rule of a window',
    ],
    ['hours in a rule', `UID:a\n${START}\nRRULE:FREQ=DAILY;BYHOUR=1,3`, 'x.ics:8:1 RRULE: BYHOUR is not supported'],
    [
      'a count and an end',
      `UID:a\n${START}\nRRULE:FREQ=DAILY;COUNT=3;UNTIL=20260301T000000Z`,
      'x.ics:8:1 RRULE: it has COUNT and UNTIL',
    ],
    [
      'an end that is a day',
      `UID:a\n${START}\nRRULE:FREQ=DAILY;UNTIL=20260301`,
      'x.ics:8:1 RRULE: UNTIL=20260301 does not match DTSTART',
    ],
    [
      'a beginning off its rule',
      `UID:a\n${START}\nRRULE:FREQ=WEEKLY;BYDAY=MO`,
      'x.ics:8:1 RRULE: DTSTART is not a day of the rule',
    ],
    ['a rule of exceptions', `UID:a\n${START}\nEXRULE:FREQ=DAILY`, 'x.ics:8:1 EXRULE is not supported'],
    [
      'periods',
      `UID:a\n${START}\nRDATE;VALUE=PERIOD:20260107T010000Z/PT1H`,
      'x.ics:8:1 RDATE is a PERIOD, not a date or a time',
    ],
    ['an event that is not certain', `UID:a\n${START}\nSTATUS:TENTATIVE`, 'x.ics:8:1 the event is TENTATIVE'],
    [
      'all occurrences from one on',
      `UID:a\n${START}\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260106T010000Z`,
      'x.ics:8:1 RECURRENCE-ID with RANGE is not supported',
    ],
    [
      'an occurrence of nothing',
      `UID:a\n${START}\nRECURRENCE-ID:20260106T010000Z`,
      'x.ics:8:1 no event of that UID has an occurrence at 20260106T010000Z',
    ],
    ...['RRULE:FREQ=DAILY', 'RDATE:20260107T010000Z', 'EXDATE:20260106T010000Z'].map((line) => [
      `an occurrence with ${line}`,
      `UID:a\n${START}\nRECURRENCE-ID:20260106T010000Z\n${line}`,
      `x.ics:9:1 a single occurrence has no ${line.replace(/:.*/, '')}`,
    ]),
    [
      'two events for one occurrence',
      ['', ...['RECURRENCE-ID:20260106T010000Z', 'RECURRENCE-ID;TZID=Europe/Berlin:20260106T020000']]
        .map((line) => `UID:a\n${START}\n${line}`.trim())
        .join('\nEND:VEVENT\nBEGIN:VEVENT\n'),
      'x.ics:19:1 two events replace the occurrence at 20260106T020000',
    ],
    ['a line that is none', `UID:a\n${START}\nwhatever`, 'x.ics:8:1 this is not a line of an iCalendar file'],
    [
      'a task',
      `UID:a\n${START}\nEND:VEVENT\nBEGIN:VTODO\nUID:b\nEND:VTODO\nBEGIN:VEVENT\nUID:c\n${START}`,
      'x.ics:9:1 a VTODO does not define when a cluster may be changed',
    ],
  ])('%s', (_what, event, expected) => {
    calendars.write('x.ics', event);
    expect(calendars.read('{ calendar: x.ics }').said).toEqual([expected]);
  });

  it('a line behind folds that split characters, each in its place', () => {
    const before = Buffer.concat([
      Buffer.from('BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n'),
      splitBetweenBytes('SUMMARY:Wartung für München 😀'),
      Buffer.from('DTSTART:20260106T010000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'),
    ]);
    calendars.writeText('x.ics', Buffer.concat([before, Buffer.from('END:MORE\r\n')]));
    const line = before.toString('latin1').split('\n').length;
    expect(calendars.read('{ calendar: x.ics }').said).toEqual([`x.ics:${line}:1 END:MORE has no matching BEGIN`]);
  });

  it('bytes that are no UTF-8, whether or not a fold is among them', () => {
    const latin = Buffer.from('BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-A:M\xfc\r\n nchen\r\n', 'latin1');
    calendars.writeText('x.ics', latin);
    expect(calendars.read('{ calendar: x.ics }').said).toEqual([
      expect.stringMatching(/^x\.ics:3:6 .*x\.ics is not UTF-8$/),
    ]);
  });

  it('a file that is not there, empty, cut off, or none', () => {
    expect(calendars.read('{ calendar: gone.ics }').said).toEqual([
      expect.stringMatching(/^fleet.yml:1:13 cannot read the calendar .*gone.ics: there is no such file/),
    ]);
    calendars.write('none.ics');
    expect(calendars.read('{ calendar: none.ics }').said).toEqual(['none.ics:1:1 none.ics contains no events']);
    calendars.writeText('cut.ics', 'BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:a\n');
    expect(calendars.read('{ calendar: cut.ics }').said).toEqual([
      'cut.ics:1:1 BEGIN:VCALENDAR has no end: the file is truncated',
      'cut.ics:3:1 BEGIN:VEVENT has no end: the file is truncated',
    ]);
    expect(calendars.read('{ calendar: [a], zone: Europe/Berln, name: x }').said).toEqual([
      "fleet.yml:1:38 a calendar has no 'name'",
      'fleet.yml:1:13 the calendar is the path of a file',
    ]);
  });
});
