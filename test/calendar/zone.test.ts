import { Temporal } from 'temporal-polyfill';
import { expect, test, vi } from 'vitest';
import { stateAt } from '../../src/calendar/state.ts';
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
