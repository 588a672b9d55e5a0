import { dirname, isAbsolute, join } from 'node:path';
import type { Problems } from '../core/diagnostic.ts';
import { suggestion } from '../core/suggest.ts';
import { entry, type MappingTree, type Tree } from '../core/yaml/yaml.ts';
import type { EventSource } from './model.ts';
import { readZone } from './read-zone.ts';
import type { SharedEvents } from './shared-events.ts';
import { wordOf } from './words.ts';

const KEYS = ['calendar', 'zone'];

/** Whether a window, or a closure, is given as an iCalendar file. */
export function isCalendarFile(tree: Tree): tree is MappingTree {
  return tree.kind === 'mapping' && entry(tree, 'calendar') !== undefined;
}

/**
 * The events of `{ calendar: FILE.ics, zone: Europe/Berlin }`; the path is relative to the file that contains it.
 * @param common the default zone
 */
export function readCalendarFile(
  tree: MappingTree,
  common: string | undefined,
  problems: Problems,
  shared: SharedEvents,
): EventSource | undefined {
  for (const { key, keyRange } of tree.entries)
    if (!KEYS.includes(key)) problems.error(`a calendar has no '${key}'`, keyRange, suggestion(key, KEYS, 'it has'));
  const [path, zoneTree] = KEYS.map((key) => entry(tree, key)?.value);
  if (path?.kind !== 'scalar' || path.raw === '') {
    problems.error('the calendar is the path of a file', path?.range ?? tree.range, 'write calendar: freeze.ics');
    return undefined;
  }
  if (zoneTree && zoneTree.kind !== 'scalar') {
    problems.error('the zone is a name', zoneTree.range, 'write zone: Europe/Berlin');
    return undefined;
  }
  const zone = zoneTree ? readZone(wordOf(zoneTree), zoneTree, problems) : common;
  if (zoneTree && zone === undefined) return undefined;
  const directory = dirname(path.range.file.path);
  const absolute = isAbsolute(path.raw) ? path.raw : join(directory, path.raw);
  const events = shared.ofFile(absolute, zone, problems, path.range);
  if (!events) return undefined;
  const { file, series, key, found } = events;
  for (const { message, range, hint } of found.all) problems.error(message, range, hint);
  if (found.hasErrors) return undefined;
  const text = `events of ${path.raw}`;
  return { series, key, zone: zone ?? series[0]?.zone ?? 'UTC', text, file, range: path.range };
}
