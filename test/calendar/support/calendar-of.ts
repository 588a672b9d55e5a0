import type { Calendar } from '../../../src/calendar/model.ts';
import { readClosed } from '../../../src/calendar/read-closed.ts';
import { readWindows } from '../../../src/calendar/read-window.ts';
import { Problems } from '../../../src/core/diagnostic.ts';
import { SourceFile } from '../../../src/core/source.ts';
import { parseYaml, type Tree } from '../../../src/core/yaml/yaml.ts';

/** YAML as an inventory has it. */
function treeOf(text: string, problems = new Problems()): Tree {
  const tree = parseYaml(new SourceFile('w.yml', text), problems, 'ansible');
  if (!tree) throw new Error(problems.all.map(({ message }) => message).join('; '));
  return tree;
}

/** The calendar of windows and closed days as an inventory says them; of a rule as a mapping. */
export function calendarOf(
  window: string | readonly string[] | Readonly<Record<string, string>> | undefined,
  closed: readonly string[] = [],
): Calendar {
  const problems = new Problems();
  const { windows, events } =
    window === undefined ? { windows: [], events: [] } : readWindows(treeOf(JSON.stringify(window)), problems);
  const zones = windows.map(({ zone }) => zone);
  const calendar = { windows, events, ...readClosed(treeOf(JSON.stringify(closed)), zones, problems) };
  problems.throwIfErrors();
  return calendar;
}
