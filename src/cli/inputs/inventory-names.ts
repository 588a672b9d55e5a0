import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import { makeDirectories } from '../../core/make-directories.ts';
import { clusterSelections } from '../../inventory/cluster-pattern.ts';
import { findSource } from '../../inventory/source-files.ts';
import type { Environment } from '../environment.ts';
import { removeAbandoned, unfinishedName } from '../unfinished-files.ts';
import { cacheDirectory } from '../user-directories.ts';
import { VERSION } from '../version.ts';

/** The names of an inventory's groups and hosts. */
export interface InventoryNames {
  readonly groups: readonly string[];
  readonly hosts: readonly string[];
  /** `cluster:NAME`, `label:KEY=VALUE` and `wave:NAME` of its clusters, as `--limit` takes them. */
  readonly selections: readonly string[];
}

/**
 * The names of an inventory, for completion. They are cached in the user's cache directory with the states of the
 * inventory's files, because reading two thousand hosts takes too long for a key press. Undefined when the inventory cannot be read; a
 * cache that cannot be read or written is ignored.
 */
export async function inventoryNames(
  sources: readonly string[],
  environment: Environment,
): Promise<InventoryNames | undefined> {
  const states = statesOf(sources);
  const file = states && cacheFile(sources, environment);
  const kept = file && readNames(file, states);
  if (kept) return kept;
  const { loadInventory } = await import('../../inventory/load.ts');
  const inventory = loadInventory(sources, new Problems());
  if (!inventory) return undefined;
  const names = {
    groups: [...inventory.groups.keys()],
    hosts: [...inventory.hosts.keys()],
    selections: clusterSelections(inventory),
  };
  if (file) keep(file, states, names);
  return names;
}

/**
 * The state of each file that may name hosts, groups or clusters, to recognise changes; undefined if not all sources are files. A cluster may
 * be declared in `group_vars`.
 */
function statesOf(sources: readonly string[]): string | undefined {
  const found = sources.map((source) => findSource(source, new Problems()));
  const files = found.flatMap((one) =>
    one?.kind === 'files' ? [...one.files, ...filesBelow(join(one.directory, 'group_vars'))] : [],
  );
  if (found.some((one) => one?.kind !== 'files')) return undefined;
  const states = files.map((path) => {
    const { mtimeMs, ctimeMs, size, ino } = statSync(path, { throwIfNoEntry: false }) ?? {};
    return [resolve(path), mtimeMs, ctimeMs, size, ino];
  });
  return JSON.stringify([VERSION, states]);
}

function filesBelow(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) => join(directory, path));
  } catch {
    return [];
  }
}

function cacheFile(sources: readonly string[], environment: Environment): string {
  const key = createHash('sha256')
    .update(JSON.stringify(sources.map((source) => resolve(source))))
    .digest('hex');
  return join(cacheDirectory(environment), 'completion', `${key}.json`);
}

function readNames(file: string, states: string): InventoryNames | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Json;
    if (!isJsonObject(kept) || kept['states'] !== states) return undefined;
    return { groups: texts(kept['groups']), hosts: texts(kept['hosts']), selections: texts(kept['selections']) };
  } catch {
    return undefined;
  }
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

function keep(file: string, states: string, names: InventoryNames): void {
  try {
    makeDirectories(dirname(file), 0o700);
    const unfinished = unfinishedName(file);
    writeFileSync(unfinished, JSON.stringify({ states, ...names }), { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
    removeAbandoned(dirname(file), Date.now());
  } catch {
    // It is read again the next time.
  }
}
