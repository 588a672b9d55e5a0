import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Diagnostic, Problems } from '../../../src/core/diagnostic.ts';
import type { Json } from '../../../src/core/json.ts';
import { formatPosition, type Located, SourceFile } from '../../../src/core/source.ts';
import type { Inventory } from '../../../src/inventory/inventory.ts';
import { loadInventory } from '../../../src/inventory/load.ts';

/** Files to write, by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A new directory that holds these files; removed when the test has finished. */
export function directoryOf(files: Files): string {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-inventory-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFiles(directory, files);
  return directory;
}

export function writeFiles(directory: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

/** What came of loading: the inventory and every problem as one line, paths as they stand in `files`. */
export interface Loaded {
  readonly inventory: Inventory | undefined;
  readonly problems: readonly string[];
  readonly directory: string;
}

/** Writes the files and loads `sources`, which are paths among them or lists of hosts. */
export function load(files: Files, sources: readonly string[] = Object.keys(files).slice(0, 1)): Loaded {
  const directory = directoryOf(files);
  const problems = new Problems();
  const inventory = loadInventory(
    sources.map((source) => (source.includes(',') ? source : join(directory, source))),
    problems,
  );
  return {
    inventory,
    problems: problems.all.map((problem) => shown(problem).replaceAll(`${directory}/`, '')),
    directory,
  };
}

/** An inventory that must have no problems. */
export function loaded(files: Files, sources?: readonly string[]): Inventory {
  const { inventory, problems } = load(files, sources);
  if (!inventory || problems.length > 0) throw new Error(`the inventory has problems:\n${problems.join('\n')}`);
  return inventory;
}

/** `error at f.yml:1:2: message (hint)`. */
export function shown({ severity, message, range, hint }: Diagnostic): string {
  const place = range ? ` at ${formatPosition(range)}` : '';
  return `${severity}${place}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** A host's variables without the two that tell where it was named. */
export function varsOf(inventory: Inventory, host: string): Readonly<Record<string, Json>> {
  const vars = inventory.hosts.get(host)?.vars ?? new Map<string, Located<Json>>();
  const own = [...vars].filter(([name]) => name !== 'inventory_file' && name !== 'inventory_dir');
  return Object.fromEntries(own.map(([name, { value }]) => [name, value]));
}

export function hostsOf(inventory: Inventory, group: string): readonly string[] | undefined {
  return inventory.groups.get(group)?.hosts;
}

/** A text as a play gives it. */
export function located(value: string): Located<string> {
  const file = new SourceFile('pattern', value);
  return { value, range: file.range(0, value.length) };
}
