import type { Problems } from '../core/diagnostic.ts';
import { missingKeys, nearest, suggestion } from '../core/suggest.ts';
import { entry, type MappingTree, type ScalarTree, type SequenceTree, type Tree } from '../core/yaml/yaml.ts';
import type { Days, EventSource, Window } from './model.ts';
import { openingOn } from './openings.ts';
import { isCalendarFile, readCalendarFile } from './read-calendar-file.ts';
import { readDays } from './read-days.ts';
import { isRule, readRule } from './read-rule.ts';
import { readZone } from './read-zone.ts';
import { SharedEvents } from './shared-events.ts';
import { type Word, wordOf, wordsOf } from './words.ts';

const EXAMPLE = 'Tue-Thu 01:00-04:00 Europe/Berlin';
const KEYS = ['days', 'from', 'to', 'zone'];
/** Keys of windows that are no days and times. */
const SOURCE_KEYS = ['calendar', 'rrule'];
const MINUTES_OF_DAY = 1440;

/** The contents of `window:`: windows, and the openings from rules and iCalendar events. */
export interface ReadWindows {
  readonly windows: readonly Window[];
  readonly events: readonly EventSource[];
}

/** Reads the windows of `window:`: one, as a text or a mapping, or a list. Problems are added to `problems`. */
export function readWindows(tree: Tree, problems: Problems, shared = new SharedEvents()): ReadWindows {
  if (tree.kind === 'sequence' && tree.items.length === 0)
    problems.error(
      'the list of windows is empty: the cluster could never be changed',
      tree.range,
      'write a window, or remove the key',
    );
  const items = tree.kind === 'sequence' ? tree.items : [tree];
  return {
    windows: items.flatMap((item) => (isSource(item) ? [] : (readWindow(item, problems) ?? []))),
    events: items.flatMap((item) => (isSource(item) ? (readSource(item, problems, shared) ?? []) : [])),
  };
}

/** Whether it is a rule, or events of a file. */
function isSource(tree: Tree): tree is MappingTree {
  return isRule(tree) || isCalendarFile(tree);
}

function readSource(tree: MappingTree, problems: Problems, shared: SharedEvents): EventSource | undefined {
  return isRule(tree) ? readRule(tree, problems, shared) : readCalendarFile(tree, undefined, problems, shared);
}

function readWindow(tree: Tree, problems: Problems): Window | undefined {
  switch (tree.kind) {
    case 'scalar':
      return readText(tree, problems);
    case 'mapping':
      return readMapping(tree, problems);
    case 'sequence':
      problems.error('a window cannot be a list', tree.range, `write "${EXAMPLE}"`);
      return undefined;
  }
}

function readText(tree: ScalarTree, problems: Problems): Window | undefined {
  const words = wordsOf(tree);
  const at = words.findIndex(({ text }) => text.includes(':'));
  const times = words[at];
  const zone = words[at + 1];
  if (!times || at < 1) {
    problems.error(`'${tree.raw}' is not a window`, tree.range, `write days, times and zone: "${EXAMPLE}"`);
    return undefined;
  }
  const extra = words[at + 2];
  if (extra)
    problems.error(`'${extra.text}' is unexpected here`, extra.range, `a window ends with its zone: "${EXAMPLE}"`);
  const days = readDays(words.slice(0, at), problems);
  const ends = times.text.split('-').length === 2 ? splitTimes(times) : [];
  if (ends.length === 0)
    problems.error(`'${times.text}' has no start and end time`, times.range, 'write it as 01:00-04:00');
  const [from, to] = ends.map((end, index) => readTime(end, index === 1, problems));
  return windowFrom(
    {
      days,
      from,
      to,
      zone: readZone(zone, tree, problems),
      text: words.map(({ text }) => text).join(' '),
      tree,
      times,
    },
    problems,
  );
}

/** The two times of `01:00-04:00`. */
function splitTimes({ text, range }: Word): readonly Word[] {
  const dash = text.indexOf('-');
  const isVerbatim = range.end - range.start === text.length;
  const part = (from: number, to: number): Word => ({
    text: text.slice(from, to),
    range: isVerbatim ? range.file.range(range.start + from, range.start + to) : range,
  });
  return [part(0, dash), part(dash + 1, text.length)];
}

function readMapping(tree: MappingTree, problems: Problems): Window | undefined {
  for (const { key, keyRange } of tree.entries)
    if (!KEYS.includes(key))
      problems.error(`a window has no '${key}'`, keyRange, suggestion(key, KEYS, 'it has', SOURCE_KEYS));
  const present = tree.entries.map(({ key }) => key);
  const meansSource = present.some((key) => SOURCE_KEYS.includes(nearest(key, [...KEYS, ...SOURCE_KEYS]) ?? ''));
  const missing = meansSource ? [] : missingKeys(KEYS, present, KEYS);
  if (missing.length > 0)
    problems.error(`the window lacks ${missing.join(', ')}`, tree.range, `write all of it, or "${EXAMPLE}"`);
  const [days = [], from = [], to = [], zone = []] = KEYS.map((key) => readKey(tree, key, problems));
  const time = ([word]: readonly Word[], isEnd: boolean): number | undefined => word && readTime(word, isEnd, problems);
  const listed = days.map(({ text }) => text).join(',');
  const first = days[0];
  const spread =
    days.length > 1
      ? days.map((day) => readDays(daysWords(day), problems))
      : [first && readDays(daysWords(first), problems)];
  const text = `${listed} ${from[0]?.text}-${to[0]?.text} ${zone[0]?.text}`;
  return windowFrom(
    {
      days: joined(spread, tree, problems),
      from: time(from, false),
      to: time(to, true),
      zone: zone[0] && readZone(zone[0], tree, problems),
      text,
      tree,
    },
    problems,
  );
}

/** `2nd Tue` in a list. */
function daysWords({ text, range }: Word): readonly Word[] {
  return text.split(/\s+/).map((part) => ({ text: part, range }));
}

/** Combines a list of days, which have to be of the same kind. */
function joined(all: readonly (Days | undefined)[], tree: Tree, problems: Problems): Days | undefined {
  const known = all.filter((days) => days !== undefined);
  if (known.length < all.length) return undefined;
  return known.reduce<Days | undefined>((sum, days) => {
    if (!sum) return days;
    if (sum.kind === 'weekly' && days.kind === 'weekly')
      return { kind: 'weekly', weekdays: new Set([...sum.weekdays, ...days.weekdays]) };
    if (sum.kind === 'dates' && days.kind === 'dates')
      return { kind: 'dates', dates: [...new Set([...sum.dates, ...days.dates])].sort() };
    problems.error('a list of days contains either weekdays or dates', tree.range, 'write a list of windows instead');
    return sum;
  }, undefined);
}

function readKey(tree: MappingTree, key: string, problems: Problems): readonly Word[] | undefined {
  const value = entry(tree, key)?.value;
  if (!value) return undefined;
  const scalars =
    value.kind === 'sequence' && key === 'days' ? scalarsOf(value) : value.kind === 'scalar' ? [value] : [];
  if (scalars.length > 0) return scalars.map(wordOf);
  const isEmpty = value.kind === 'sequence' && value.items.length === 0;
  problems.error(
    `'${key}' of a window cannot be ${value.kind === 'mapping' ? 'a mapping' : isEmpty ? 'empty' : 'a list'}`,
    value.range,
    `write "${EXAMPLE}"`,
  );
  return undefined;
}

function scalarsOf({ items }: SequenceTree): readonly ScalarTree[] {
  return items.every((item) => item.kind === 'scalar') ? items : [];
}

/** Minutes since midnight. */
function readTime({ text, range }: Word, isEnd: boolean, problems: Problems): number | undefined {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
  if (Number(match?.[2]) < 60 && minutes <= (isEnd ? MINUTES_OF_DAY : MINUTES_OF_DAY - 1)) return minutes;
  problems.error(
    `'${text}' is not a time of day`,
    range,
    `write hours and minutes, 00:00 to ${isEnd ? '24:00' : '23:59'}`,
  );
  return undefined;
}

interface Parts {
  readonly days: Days | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly zone: string | undefined;
  readonly text: string;
  readonly tree: Tree;
  readonly times?: Word;
}

function windowFrom({ days, from, to, zone, text, tree, times }: Parts, problems: Problems): Window | undefined {
  if (!days || from === undefined || to === undefined || zone === undefined) return undefined;
  const { range } = tree;
  if (from === to) {
    problems.error(
      'the window never opens: it ends when it starts',
      times?.range ?? range,
      'write 00:00-24:00 for a whole day',
    );
    return undefined;
  }
  const window = { days, from, to: to > from ? to : to + MINUTES_OF_DAY, zone, text, range };
  if (days.kind === 'dates' && days.dates.every((date) => openingOn(window, date) === undefined)) {
    problems.error('the window never opens: the clock change skips it', range, 'choose another time of that day');
    return undefined;
  }
  return window;
}
