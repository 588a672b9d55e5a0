import { dirname, join, resolve } from 'node:path';
import { Problems } from '../core/diagnostic.ts';
import { isEntry } from '../core/entry.ts';
import type { SourceFile } from '../core/source.ts';
import { readTextFile } from '../core/text-file.ts';
import { isWritableByAll } from '../core/writable-by-all.ts';
import { parseAnsibleYaml } from './ansible-yaml.ts';
import { InventoryDraft } from './draft.ts';
import { recognizeForm } from './form.ts';
import { readHostList } from './host-list.ts';
import { readIniInventory } from './ini-form.ts';
import type { Inventory } from './inventory.ts';
import { resolveInventory } from './resolve.ts';
import { findSource, SOURCES } from './source-files.ts';
import { VarsDirectory } from './vars-directory.ts';
import { readYamlInventory } from './yaml-form.ts';

/** The result of reading an inventory. */
export interface InventoryReading {
  /** Undefined if it contains any error. */
  readonly inventory: Inventory | undefined;
  /** The same also if only declarations of clusters contain errors: other input can still be checked against its hosts and groups. */
  readonly checkable: Inventory | undefined;
  /** The declared clusters, even if something else is wrong: their settings can still be checked. */
  readonly clusters: Inventory['clusters'];
}

/** The inventory of these sources; undefined if it contains an error. */
export function loadInventory(sources: readonly string[], problems: Problems): Inventory | undefined {
  return readInventory(sources, problems).inventory;
}

/**
 * Reads the sources given with `-i` (files, directories, lists of hosts with a comma), with the `group_vars` and `host_vars`
 * beside them, into one inventory. Later sources win. All problems are reported. Without sources the inventory has no hosts, and
 * only `localhost` can be named.
 * @param playbookDirectory its `group_vars` and `host_vars` win over those of the sources, unless anyone may write there
 */
export function readInventory(
  sources: readonly string[],
  problems: Problems,
  playbookDirectory?: string,
): InventoryReading {
  const found = new Problems();
  const { draft, directories } = readSources(sources, found, playbookDirectory);
  return resolved(draft, directories, sources, found, problems);
}

/** The inventory that a file with this text would be at its path, with the files beside it; the file itself is not read. */
export function readInventoryText(source: SourceFile, problems: Problems): InventoryReading {
  const found = new Problems();
  const draft = new InventoryDraft(found);
  draft.beginSource();
  readInventoryFile(source, draft, found);
  return resolved(draft, [new VarsDirectory(dirname(source.path), found)], [source.path], found, problems);
}

/** Warns of an inventory without hosts, where that is no error: it may have been given for `localhost` alone. */
export function warnOfNoHosts({ hosts, sources }: Inventory, problems: Problems): void {
  if (hosts.size === 0 && sources.length > 0)
    problems.warning(`the inventory ${sources.join(' ')} contains no hosts`, SOURCES, 'only localhost can be named');
}

/** @param found problems found so far, which are added to `problems` with the rest */
function resolved(
  draft: InventoryDraft,
  directories: readonly VarsDirectory[],
  sources: readonly string[],
  found: Problems,
  problems: Problems,
): InventoryReading {
  draft.complete();
  const ofClusters = new Problems();
  const inventory = resolveInventory(draft, directories, sources, found, ofClusters);
  const checkable = found.hasErrors ? undefined : inventory;
  found.addAll(ofClusters.all);
  problems.addAll(found.all);
  return { inventory: found.hasErrors ? undefined : inventory, checkable, clusters: inventory.clusters };
}

function readSources(
  sources: readonly string[],
  problems: Problems,
  playbookDirectory: string | undefined,
): { readonly draft: InventoryDraft; readonly directories: readonly VarsDirectory[] } {
  const draft = new InventoryDraft(problems);
  // In the order of the sources; the last occurrence of a repeated one counts.
  const directories = new Map<string, VarsDirectory>();
  const add = (path: string): void => {
    const key = resolve(path);
    const directory = directories.get(key) ?? new VarsDirectory(path, problems);
    directories.delete(key);
    directories.set(key, directory);
  };
  for (const source of sources) {
    draft.beginSource();
    const what = findSource(source, problems);
    if (what?.kind === 'host-list') readHostList(source, draft, problems);
    if (what?.kind !== 'files') continue;
    for (const file of what.files) {
      const text = readTextFile(file, 'inventory', problems, { named: SOURCES });
      if (text) readInventoryFile(text, draft, problems);
    }
    add(what.directory);
  }
  if (
    playbookDirectory !== undefined &&
    (directories.has(resolve(playbookDirectory)) || isOwn(playbookDirectory, problems))
  )
    add(playbookDirectory);
  return { draft, directories: [...directories.values()] };
}

/** The user has not named these files explicitly, so they do not count if others could have put them there. */
function isOwn(playbookDirectory: string, problems: Problems): boolean {
  const paths = ['group_vars', 'host_vars'].map((name) => join(playbookDirectory, name)).filter(isEntry);
  const open = paths.length > 0 ? [playbookDirectory, ...paths].find(isWritableByAll) : undefined;
  if (open === undefined) return true;
  const ignored = paths.join(' and ');
  problems.warning(
    `${ignored} ${paths.length > 1 ? 'are' : 'is'} ignored: everybody can write to ${open}`,
    undefined,
    `chmod o-w ${open}`,
  );
  return false;
}

function readInventoryFile(source: SourceFile, draft: InventoryDraft, problems: Problems): void {
  const form = recognizeForm(source, problems);
  if (!form) return;
  if (form === 'ini') {
    readIniInventory(source, draft, problems);
    return;
  }
  const tree = parseAnsibleYaml(source, problems);
  if (tree) readYamlInventory(tree, draft, problems);
}
