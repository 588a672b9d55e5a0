import { resolve } from 'node:path';
import { Problems } from '../core/diagnostic.ts';
import { readTextFile } from '../core/text-file.ts';
import { parseAnsibleYaml } from './ansible-yaml.ts';
import { InventoryDraft } from './draft.ts';
import { recognizeForm } from './form.ts';
import { forward } from './forward.ts';
import { readHostList } from './host-list.ts';
import { readIniInventory } from './ini-form.ts';
import type { Inventory } from './inventory.ts';
import { resolveInventory } from './resolve.ts';
import { findSource } from './source-files.ts';
import { VarsDirectory } from './vars-directory.ts';
import { readYamlInventory } from './yaml-form.ts';

/**
 * Reads the sources given with `-i` (files, directories, lists of hosts with a comma), with the `group_vars` and `host_vars`
 * beside them, into one inventory. Later sources win. Everything wrong is reported; with an error among it there is no
 * inventory. No source gives an inventory without hosts, in which only `localhost` can be named.
 */
export function loadInventory(sources: readonly string[], problems: Problems): Inventory | undefined {
  const found = new Problems();
  const { draft, directories } = readSources(sources, found);
  draft.complete();
  const inventory = resolveInventory(draft, directories, sources, found);
  if (inventory.hosts.size === 0 && sources.length > 0 && !found.hasErrors) {
    found.warning(`the inventory ${sources.join(' ')} holds no hosts`, undefined, 'only localhost can be named');
  }
  forward(found.all, problems);
  return found.hasErrors ? undefined : inventory;
}

function readSources(
  sources: readonly string[],
  problems: Problems,
): { readonly draft: InventoryDraft; readonly directories: readonly VarsDirectory[] } {
  const draft = new InventoryDraft(problems);
  // In the order of the sources; one that comes again counts at its last place.
  const directories = new Map<string, VarsDirectory>();
  for (const source of sources) {
    draft.beginSource();
    const what = findSource(source, problems);
    if (what?.kind === 'host-list') readHostList(source, draft, problems);
    if (what?.kind !== 'files') continue;
    for (const file of what.files) readInventoryFile(file, draft, problems);
    const key = resolve(what.directory);
    const directory = directories.get(key) ?? new VarsDirectory(what.directory, problems);
    directories.delete(key);
    directories.set(key, directory);
  }
  return { draft, directories: [...directories.values()] };
}

function readInventoryFile(path: string, draft: InventoryDraft, problems: Problems): void {
  const source = readTextFile(path, 'inventory', problems);
  const form = source && recognizeForm(source, problems);
  if (!source || !form) return;
  if (form === 'ini') {
    readIniInventory(source, draft, problems);
    return;
  }
  const tree = parseAnsibleYaml(source, problems);
  if (tree) readYamlInventory(tree, draft, problems);
}
