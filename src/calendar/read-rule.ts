import type { Problems } from '../core/diagnostic.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import { missingKeys, suggestion } from '../core/suggest.ts';
import { entry, type MappingTree, type ScalarTree, type Tree } from '../core/yaml/yaml.ts';
import { timeOf, type Wall } from './ical-time.ts';
import type { EventSource } from './model.ts';
import { MAX_EVENT_DAYS } from './read-ical.ts';
import { readZone } from './read-zone.ts';
import { readParts, readRecurrence } from './recurrence.ts';
import type { SharedEvents } from './shared-events.ts';
import { TimeSet } from './time-set.ts';
import { wordOf } from './words.ts';
import { DAY } from './zone.ts';

const KEYS = ['rrule', 'start', 'duration', 'zone'] as const;
const EXAMPLE = '{ rrule: FREQ=MONTHLY;BYDAY=2TU, start: 2026-01-13 01:00, duration: 3h, zone: Europe/Berlin }';
const START = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)$/;

/** Whether a window is given as an iCalendar rule (RFC 5545, 3.3.10). */
export function isRule(tree: Tree): tree is MappingTree {
  return tree.kind === 'mapping' && entry(tree, 'rrule') !== undefined;
}

/**
 * The windows of `{ rrule: FREQ=MONTHLY;BYDAY=2TU, start: 2026-01-13 01:00, duration: 3h, zone: Europe/Berlin }`: the first
 * starts at `start`, in the local time of `zone`. The rule has the same limits as that of a calendar's event.
 */
export function readRule(tree: MappingTree, problems: Problems, shared: SharedEvents): EventSource | undefined {
  for (const { key, keyRange } of tree.entries)
    if (!KEYS.some((known) => known === key))
      problems.error(`a window by a rule has no '${key}'`, keyRange, suggestion(key, KEYS, 'it has'));
  const present = tree.entries.map(({ key }) => key);
  const missing = missingKeys(KEYS, present, KEYS);
  if (missing.length > 0)
    problems.error(`the window lacks ${missing.join(', ')}`, tree.range, `write all of it: ${EXAMPLE}`);
  const [rule, startTree, lengthTree, zoneTree] = KEYS.map((key) =>
    present.includes(key) ? scalarOf(tree, key, problems) : undefined,
  );
  const line = rule && { name: 'RRULE', params: new Map(), value: rule.raw, range: rule.range };
  const parts = line && readParts(line, problems);
  const zone = zoneTree && readZone(wordOf(zoneTree), zoneTree, problems);
  const wall = startTree && readStart(startTree, problems);
  const length = lengthTree && readLength(lengthTree, problems);
  if (!parts || !startTree || zone === undefined || wall === undefined || length === undefined) return undefined;
  const text = `windows of ${rule.raw} from ${startTree.raw} for ${formatDuration(length)} ${zone}`;
  const key = JSON.stringify([rule.raw, wall, length, zone]);
  const series = shared.ofRule(key, () => {
    const start = { wall, zone, isDate: false, isFloating: true };
    const recurrence = readRecurrence(line, start, problems, 'start');
    return recurrence && { zone, length, starts: [start], rule: recurrence, excluded: new TimeSet([]) };
  });
  return series && { series: [series], key, zone, text, file: tree.range.file, range: tree.range };
}

function scalarOf(tree: MappingTree, key: string, problems: Problems): ScalarTree | undefined {
  const value = entry(tree, key)?.value;
  if (value?.kind === 'scalar' && value.raw.trim() !== '') return value;
  problems.error(`'${key}' of a window must be a text`, value?.range ?? tree.range, `write ${EXAMPLE}`);
  return undefined;
}

/** In the local time of its zone. */
function readStart({ raw, range }: ScalarTree, problems: Problems): Wall | undefined {
  const [, year, month, day, hour, minute] = START.exec(raw) ?? [];
  const time = year === undefined ? undefined : timeOf(`${year}${month}${day}T${hour}${minute}00`, undefined, false);
  if (!time) problems.error(`'${raw}' is not a date with a time of day`, range, 'write start: 2026-01-13 01:00');
  return time?.wall;
}

/** In milliseconds. */
function readLength({ raw, range }: ScalarTree, problems: Problems): number | undefined {
  const most = MAX_EVENT_DAYS * DAY;
  try {
    const length = parseDuration(raw);
    if (length > 0 && length <= most) return length;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  problems.error(`'${raw}' is not a duration of a window`, range, `write duration: 3h; at most ${MAX_EVENT_DAYS} days`);
  return undefined;
}
