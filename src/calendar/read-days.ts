import type { Problems } from '../core/diagnostic.ts';
import { suggestion } from '../core/suggest.ts';
import type { Days } from './model.ts';
import { partsOf, type Word } from './words.ts';
import { isDate, plusDays, WEEKDAYS } from './zone.ts';

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['1st', 1],
  ['2nd', 2],
  ['3rd', 3],
  ['4th', 4],
  ['5th', 5],
  ['last', -1],
]);
const EVERY_DAY = 'daily';
const FULL_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
/** A longer range is a typing error. */
const MAX_RANGE_DAYS = 366;

/** The days of a window: `Tue-Thu`, `Sat,Sun`, `daily`, `2nd Tue`, `1st,3rd Wed`, `2026-12-01`, `2026-12-01..2026-12-05`. */
export function readDays(words: readonly Word[], problems: Problems): Days | undefined {
  const [first, second, ...more] = words;
  if (!first) return undefined;
  if (more.length > 0) {
    problems.error(
      `'${more[0]?.text}' is unexpected here`,
      more[0]?.range,
      'write days, times and zone, as in Tue-Thu 01:00-04:00 UTC',
    );
    return undefined;
  }
  if (second) {
    const nth = all(partsOf(first), (part) => readNumber(part, problems));
    const weekdays = all(partsOf(second), (part) => readWeekdays(part, problems));
    return nth && weekdays && { kind: 'monthly', nth: new Set(nth), weekdays: new Set(weekdays.flat()) };
  }
  const parts = partsOf(first);
  if (parts.some(({ text }) => /^\d{4}-/.test(text))) {
    const dates = all(parts, (part) => readDates(part, problems));
    return dates && { kind: 'dates', dates: [...new Set(dates.flat())].sort() };
  }
  const weekdays = all(parts, (part) => readWeekdays(part, problems));
  return weekdays && { kind: 'weekly', weekdays: new Set(weekdays.flat()) };
}

/** The dates of `2026-12-01` or `2026-12-01..2026-12-05`, both ends included. */
function readDates(word: Word, problems: Problems): readonly string[] | undefined {
  const range = readDateRange(word, problems);
  if (!range) return undefined;
  const dates = [range.first];
  while ((dates.at(-1) ?? range.last) < range.last && dates.length <= MAX_RANGE_DAYS)
    dates.push(plusDays(dates.at(-1) ?? range.last, 1));
  if (dates.length <= MAX_RANGE_DAYS) return dates;
  problems.error(`${word.text} is longer than a year`, word.range, 'check the years');
  return undefined;
}

/** The ends of a date range. */
export function readDateRange(
  { text, range }: Word,
  problems: Problems,
): { readonly first: string; readonly last: string } | undefined {
  const [first = '', last = first, ...more] = text.split('..');
  const invalid = more.length > 0 ? text : [first, last].find((date) => !isDate(date));
  if (invalid !== undefined) {
    problems.error(
      `'${invalid}' is not a date`,
      range,
      'write it as 2026-12-24, and a range as 2026-12-24..2027-01-06',
    );
    return undefined;
  }
  if (first > last) {
    problems.error(`${text} ends before it starts`, range, `write ${last}..${first}`);
    return undefined;
  }
  return { first, last };
}

function readNumber({ text, range }: Word, problems: Problems): number | undefined {
  const number = NUMBERS.get(text.toLowerCase());
  if (number === undefined)
    problems.error(
      `'${text}' does not name a weekday of the month`,
      range,
      `write one of ${[...NUMBERS.keys()].join(', ')}`,
    );
  return number;
}

/** `Tue`, `Tue-Thu`, `Fri-Mon`, `daily`. */
function readWeekdays({ text, range }: Word, problems: Problems): readonly number[] | undefined {
  if (text.toLowerCase() === EVERY_DAY) return [1, 2, 3, 4, 5, 6, 7];
  const ends = text.split('-');
  const numbers = ends.map(weekday);
  const [first, last = first] = numbers;
  if (ends.length > 2 || first === undefined || last === undefined || numbers.includes(undefined)) {
    const unknown = ends.find((end) => weekday(end) === undefined) ?? text;
    problems.error(`'${unknown}' is not a day`, range, suggestion(unknown, [...WEEKDAYS, EVERY_DAY], 'days are'));
    return undefined;
  }
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => ((first - 1 + index) % 7) + 1);
}

function weekday(text: string): number | undefined {
  const name = text.toLowerCase();
  const index = FULL_NAMES.findIndex((full) => full === name || full.slice(0, 3) === name);
  return index < 0 ? undefined : index + 1;
}

/** All of them, or undefined if one is. All are read, so that every problem is reported. */
function all<T>(parts: readonly Word[], read: (part: Word) => T | undefined): readonly T[] | undefined {
  const values = parts.map(read);
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? known : undefined;
}
