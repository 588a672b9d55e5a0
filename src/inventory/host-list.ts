import type { Problems } from '../core/diagnostic.ts';
import { SourceFile } from '../core/source.ts';
import type { InventoryDraft } from './draft.ts';
import { readHostEntry } from './host-entry.ts';
import { UNGROUPED } from './inventory.ts';

/** Whether a source of an inventory names hosts, instead of a file. */
export function isHostList(source: string): boolean {
  return source.includes(',');
}

/** Reads hosts given in place of a file: `m1,` or `m1,10.0.0.2:2222`. They belong to no group. */
export function readHostList(list: string, draft: InventoryDraft, problems: Problems): void {
  const source = new SourceFile(list, list, '--inventory');
  const ungrouped = draft.addGroup({ value: UNGROUPED, range: source.range(0, 0) });
  for (const match of list.matchAll(/[^,]+/g)) {
    const name = match[0].trim();
    const start = match.index + match[0].indexOf(name);
    if (name === '' || !ungrouped) continue;
    const range = source.range(start, start + name.length);
    const named = readHostEntry({ value: name, range }, problems, 'list');
    if (named) draft.addHosts(ungrouped, named, [], range);
  }
}
