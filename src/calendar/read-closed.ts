import type { Problems } from '../core/diagnostic.ts';
import type { ScalarTree, Tree } from '../core/yaml/yaml.ts';
import type { Closure, EventSource } from './model.ts';
import { isCalendarFile, readCalendarFile } from './read-calendar-file.ts';
import { readDateRange } from './read-days.ts';
import { readZone } from './read-zone.ts';
import { wordsOf } from './words.ts';

const EXAMPLE = '2026-12-24..2027-01-06 Europe/Berlin';

/** What `closed:` says: days, and events of iCalendar files. */
export interface ReadClosed {
  readonly closed: readonly Closure[];
  readonly closedEvents: readonly EventSource[];
}

/**
 * What `closed:` says, one or a list: a date or a range with both ends, and its zone; or an iCalendar file. `zones` are those of the
 * cluster's windows: where they have one zone in common it is that of a closure, too, unless it says another.
 */
export function readClosed(tree: Tree, zones: readonly string[], problems: Problems): ReadClosed {
  const items = tree.kind === 'sequence' ? tree.items : [tree];
  const common = commonOf(zones);
  return {
    closed: items.flatMap((item) => (isCalendarFile(item) ? [] : (readClosure(item, common, problems) ?? []))),
    closedEvents: items.flatMap((item) =>
      isCalendarFile(item) ? (readCalendarFile(item, common, problems) ?? []) : [],
    ),
  };
}

function commonOf(zones: readonly string[]): string | undefined {
  const [common, ...others] = new Set(zones);
  return others.length === 0 ? common : undefined;
}

function readClosure(tree: Tree, common: string | undefined, problems: Problems): Closure | undefined {
  if (tree.kind !== 'scalar') {
    problems.error('closed must be a date or a range of dates', tree.range, `write "${EXAMPLE}"`);
    return undefined;
  }
  return readText(tree, common, problems);
}

function readText(tree: ScalarTree, common: string | undefined, problems: Problems): Closure | undefined {
  const [dates, zoneWord, extra] = wordsOf(tree);
  if (!dates) {
    problems.error('closed must be a date or a range of dates', tree.range, `write "${EXAMPLE}"`);
    return undefined;
  }
  if (extra) problems.error(`'${extra.text}' is unexpected here`, extra.range, `write "${EXAMPLE}"`);
  const zone = !zoneWord && common !== undefined ? common : readZone(zoneWord, tree, problems);
  const range = readDateRange(dates, problems);
  return range && zone !== undefined ? { ...range, zone, text: `${dates.text} ${zone}` } : undefined;
}
