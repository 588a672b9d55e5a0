import type { Problems } from '../core/diagnostic.ts';
import type { ScalarTree, Tree } from '../core/yaml.ts';
import type { Closure } from './model.ts';
import { readDateRange } from './read-days.ts';
import { readZone } from './read-window.ts';
import { wordsOf } from './words.ts';

const EXAMPLE = '2026-12-24..2027-01-06 Europe/Berlin';

/**
 * The days of `closed:`: one, or a list of them, each a date or a range with both ends, and its zone. `zones` are those of the
 * cluster's windows: where they have one zone in common it is the closure's, too, unless it says another.
 */
export function readClosed(tree: Tree, zones: readonly string[], problems: Problems): readonly Closure[] {
  if (tree.kind === 'sequence') return tree.items.flatMap((item) => readClosure(item, zones, problems) ?? []);
  return [readClosure(tree, zones, problems)].filter((closure) => closure !== undefined);
}

function readClosure(tree: Tree, zones: readonly string[], problems: Problems): Closure | undefined {
  if (tree.kind !== 'scalar') {
    problems.error('what is closed is a date or a range of dates', tree.range, `write "${EXAMPLE}"`);
    return undefined;
  }
  return readText(tree, zones, problems);
}

function readText(tree: ScalarTree, zones: readonly string[], problems: Problems): Closure | undefined {
  const [dates, zoneWord, extra] = wordsOf(tree);
  if (!dates) {
    problems.error('what is closed is a date or a range of dates', tree.range, `write "${EXAMPLE}"`);
    return undefined;
  }
  if (extra) problems.error(`'${extra.text}' is too much here`, extra.range, `write "${EXAMPLE}"`);
  const [common, ...others] = new Set(zones);
  const zone = !zoneWord && common !== undefined && others.length === 0 ? common : readZone(zoneWord, tree, problems);
  const range = readDateRange(dates, problems);
  return range && zone !== undefined ? { ...range, zone, text: `${dates.text} ${zone}` } : undefined;
}
