import type { Problems } from '../core/diagnostic.ts';
import type { ScalarTree, Tree } from '../core/yaml/yaml.ts';
import type { Closure, EventSource } from './model.ts';
import { isCalendarFile, readCalendarFile } from './read-calendar-file.ts';
import { readDateRange } from './read-days.ts';
import { readZone } from './read-zone.ts';
import { SharedEvents } from './shared-events.ts';
import { wordsOf } from './words.ts';

const EXAMPLE = '2026-12-24..2027-01-06 Europe/Berlin';

/** The contents of `closed:`: days, and events of iCalendar files. */
export interface ReadClosed {
  readonly closed: readonly Closure[];
  readonly closedEvents: readonly EventSource[];
}

/**
 * Reads `closed:`, a single entry or a list: a date or a range including both ends, and its zone; or an iCalendar file.
 * `zones` are those of the cluster's windows: if there is only one, it is the default for closures.
 */
export function readClosed(
  tree: Tree,
  zones: readonly string[],
  problems: Problems,
  shared = new SharedEvents(),
): ReadClosed {
  const items = tree.kind === 'sequence' ? tree.items : [tree];
  const common = commonZone(zones);
  return {
    closed: items.flatMap((item) => (isCalendarFile(item) ? [] : (readClosure(item, common, problems) ?? []))),
    closedEvents: items.flatMap((item) =>
      isCalendarFile(item) ? (readCalendarFile(item, common, problems, shared) ?? []) : [],
    ),
  };
}

function commonZone(zones: readonly string[]): string | undefined {
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
  const range = readDateRange(dates, problems);
  // Of a text that is no date, it is not said that it has no zone either.
  if (!zoneWord && !range) return undefined;
  const zone = !zoneWord && common !== undefined ? common : readZone(zoneWord, tree, problems);
  return range && zone !== undefined ? { ...range, zone, text: `${dates.text} ${zone}` } : undefined;
}
