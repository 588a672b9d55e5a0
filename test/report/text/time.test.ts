import { describe, expect, test } from 'vitest';
import {
  formatClock,
  formatDay,
  formatLeft,
  formatMinute,
  formatSeconds,
  formatStopwatch,
  parseDate,
} from '../../../src/report/text/time.ts';

const DATE = new Date('2026-11-24T23:12:44Z');

describe('a moment', () => {
  test('is shown in UTC', () => {
    expect([formatMinute(DATE, 'UTC'), formatDay(DATE, 'UTC'), formatClock(DATE, 'UTC')]).toEqual([
      '2026-11-24 23:12',
      '2026-11-24',
      '23:12:44Z',
    ]);
  });

  test('is shown in another zone, where the day may be another', () => {
    const zone = 'Europe/Berlin';
    expect([formatMinute(DATE, zone), formatDay(DATE, zone), formatClock(DATE, zone)]).toEqual([
      '2026-11-25 00:12',
      '2026-11-25',
      '00:12:44',
    ]);
  });

  test('is read from ISO texts only as far as they are dates', () => {
    expect(parseDate('2026-11-24T23:12:44Z')).toEqual(DATE);
    expect(parseDate('soon')).toBeUndefined();
  });
});

test.each([
  [0, '00:00'],
  [19_999, '00:19'],
  [3_723_000, '1:02:03'],
  [-5, '00:00'],
])('a stopwatch at %i ms shows %s', (milliseconds, text) => {
  expect(formatStopwatch(milliseconds)).toBe(text);
});

test.each([
  [-1, '-1d'],
  [364, '364d'],
  [729, '729d'],
  [3_649, '9y'],
])('%i days left are %s', (days, text) => {
  expect(formatLeft(days)).toBe(text);
});

test('seconds are whole', () => {
  expect(formatSeconds(3_999)).toBe('3s');
});
