import { describe, expect, test } from 'vitest';
import { DURATION_PATTERN, formatDuration, parseDuration, withUnit } from '../../src/core/duration.ts';
import { fc } from '../support/random-cases.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a duration of a playbook', () => {
  test.each([
    ['0s', 0],
    ['90s', 90 * SECOND],
    ['1h30m', 90 * MINUTE],
    ['30d', 30 * DAY],
    ['2w', 14 * DAY],
    ['1y', 365 * DAY],
    ['1y1w1d1h1m1s', (365 + 7 + 1) * DAY + HOUR + MINUTE + SECOND],
    ['007d', 7 * DAY],
  ])('%s is %i milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each([
    '',
    '30',
    '30 d',
    ' 30d',
    '30d ',
    '30D',
    '-1d',
    '1.5h',
    'd',
    '1d1y',
    '1m1h',
    '1d2d',
    '30days',
    '30d\n',
    '٣d',
  ])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
    expect(() => parseDuration(text)).toThrow(`'${text}' is not a duration: write it like 30d, 12h or 1h30m`);
  });

  test('that no number holds is refused', () => {
    expect(() => parseDuration('999999999999999d')).toThrow("'999999999999999d' is too long a duration");
  });

  test('is what the pattern of the schemas takes, and nothing else', () => {
    const pattern = new RegExp(DURATION_PATTERN);
    const text = fc.array(fc.constantFrom('1', '23', 'y', 'w', 'd', 'h', 'm', 's', ' '), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        text.map((parts) => parts.join('')),
        (duration) => {
          expect(isDuration(duration)).toBe(pattern.test(duration));
        },
      ),
    );
  });

  test('means the sum of its units', () => {
    const counts = fc.array(fc.nat(500), { minLength: 6, maxLength: 6 });
    const sizes = [365 * DAY, 7 * DAY, DAY, HOUR, MINUTE, SECOND];
    fc.assert(
      fc.property(counts, (numbers) => {
        const text = numbers.map((number, index) => `${number}${'ywdhms'[index]}`).join('');
        expect(parseDuration(text)).toBe(numbers.reduce((sum, number, index) => sum + number * (sizes[index] ?? 0), 0));
      }),
    );
  });
});

test.each([
  [10, '10s'],
  ['10', '10s'],
  ['0', '0s'],
  ['1m30s', '1m30s'],
])('the timeout %j is %s', (timeout, text) => {
  expect(withUnit(timeout)).toBe(text);
});

describe('a duration for people', () => {
  test.each([
    [0, '0.0s'],
    [40, '0.0s'],
    [450, '0.4s'],
    [9_999, '9.9s'],
    [10_000, '10s'],
    [59_999, '59s'],
    [MINUTE, '1m'],
    [90 * SECOND, '1m 30s'],
    [HOUR + 59 * SECOND, '1h'],
    [130 * MINUTE, '2h 10m'],
    [-130 * MINUTE, '-2h 10m'],
    [DAY, '1d'],
    [28 * HOUR, '1d 4h'],
    [9 * DAY + 23 * HOUR, '9d 23h'],
    [10 * DAY + 23 * HOUR, '10d'],
    [364 * DAY, '364d'],
    [3_650 * DAY, '3650d'],
    [-450, '-0.4s'],
  ])('%i milliseconds are %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  test('is never longer than the duration, and read back loses less than its smaller unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10_000, max: 4_000 * DAY }), (milliseconds) => {
        const back = parseDuration(formatDuration(milliseconds).replace(' ', ''));
        expect(back).toBeLessThanOrEqual(milliseconds);
        const lost = milliseconds - back;
        expect(lost).toBeLessThan(
          milliseconds >= 10 * DAY ? DAY : milliseconds >= DAY ? HOUR : milliseconds >= HOUR ? MINUTE : SECOND,
        );
      }),
    );
  });

  test('of a negative length is that of the positive one with a sign', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 * DAY }), (milliseconds) => {
        expect(formatDuration(-milliseconds)).toBe(`-${formatDuration(milliseconds)}`);
      }),
    );
  });
});

function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch {
    return false;
  }
}
