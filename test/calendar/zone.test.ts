import { Temporal } from 'temporal-polyfill';
import { expect, test, vi } from 'vitest';
import { stateAt } from '../../src/calendar/state.ts';
import { momentText } from '../../src/calendar/zone.ts';
import { calendarOf } from './support/calendar-of.ts';

test('the moments of a window that many clusters share are computed once', () => {
  const computed = vi.spyOn(Temporal.PlainDate, 'from');
  try {
    const stateOfAnother = () =>
      stateAt(calendarOf('daily 00:00-24:00 America/New_York'), Date.parse('2031-03-05T12:00Z'), 0);
    const first = stateOfAnother();
    // It is always open, for which its openings of a year are searched.
    expect(computed.mock.calls.length).toBeGreaterThan(366);
    // What is kept may have become too much in the midst of it.
    stateOfAnother();
    computed.mockClear();
    expect(stateOfAnother()).toEqual(first);
    expect(computed).not.toHaveBeenCalled();
  } finally {
    computed.mockRestore();
  }
});

test.each([
  ['2027-10-31T00:30Z', 'Europe/Berlin', 'Sun 2027-10-31 02:30+02:00 Europe/Berlin'],
  ['2027-10-31T01:30Z', 'Europe/Berlin', 'Sun 2027-10-31 02:30+01:00 Europe/Berlin'],
  ['2027-10-31T02:00Z', 'Europe/Berlin', 'Sun 2027-10-31 03:00 Europe/Berlin'],
  ['2027-03-28T01:00Z', 'Europe/Berlin', 'Sun 2027-03-28 03:00 Europe/Berlin'],
  ['2027-04-03T15:10Z', 'Australia/Lord_Howe', 'Sun 2027-04-04 01:40+10:30 Australia/Lord_Howe'],
  ['2027-04-03T15:40Z', 'Australia/Lord_Howe', 'Sun 2027-04-04 02:10 Australia/Lord_Howe'],
  ['2027-11-07T05:30Z', 'America/New_York', 'Sun 2027-11-07 01:30-04:00 America/New_York'],
])('%s is shown with its offset if the clock of %s shows that time twice', (moment, zone, text) => {
  expect(momentText(Date.parse(moment), zone)).toBe(text);
});
