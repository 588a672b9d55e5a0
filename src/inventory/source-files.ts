import { dirname, join } from 'node:path';
import type { Problems } from '../core/diagnostic.ts';
import { isEntry } from '../core/entry.ts';
import { missingFileHint } from '../core/missing-file.ts';
import { listDirectory, look } from './file-system.ts';
import { isHostList } from './host-list.ts';

/** The option that names the sources, for their problems. */
export const SOURCES = ['--inventory'] as const;

/** The meaning of an `-i`. */
export type InventorySource =
  | { readonly kind: 'host-list' }
  | {
      readonly kind: 'files';
      readonly files: readonly string[];
      /** The directory of its `group_vars` and `host_vars`. */
      readonly directory: string;
    };

/** Files that Ansible ignores in a directory of inventories, including `.ini`; and saved plans. */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:~|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry|kplan|kplan\.sig))$/;
const IGNORED_HINT =
  'in a directory, files ending in .ini .cfg .txt .md .bak .orig .retry .kplan ~ and group_vars are ignored';

/**
 * Finds out what a source is: a file, a directory of files and directories (sorted by name, by Ansible's rules), or, if
 * nothing of that name exists and it contains a comma, a list of hosts.
 */
export function findSource(source: string, problems: Problems): InventorySource | undefined {
  if (source === '') {
    problems.error(
      'the name of an inventory is empty',
      SOURCES,
      'write -i FILE; a shell variable in its place is not set',
    );
    return undefined;
  }
  const status = look(source);
  if ('error' in status) {
    if (isHostList(source)) return { kind: 'host-list' };
    problems.error(
      `cannot read the inventory ${source}: ${status.error}`,
      SOURCES,
      missingFileHint(source, isEntry(source) ? 'check its mode' : hintFor(source)),
    );
    return undefined;
  }
  if (!status.isDirectory()) return { kind: 'files', files: [source], directory: dirname(source) };
  const before = problems.all.length;
  const files = filesIn(source, new Set(), problems);
  if (files.length === 0 && problems.all.length === before)
    problems.error(`the directory ${source} contains no inventory`, SOURCES, IGNORED_HINT);
  return { kind: 'files', files, directory: source };
}

function hintFor(source: string): string {
  if (source.includes('/')) return 'check the path';
  if (/\.ya?ml$/.test(source)) return `change to its directory, or write one: kplay init ${source}`;
  return `if it is a host, not a file, add a comma: -i ${source},`;
}

function filesIn(directory: string, seen: Set<string>, problems: Problems): readonly string[] {
  const names = listDirectory(directory, seen, problems).filter((name) => !IGNORED.test(name));
  return names.flatMap((name) => {
    const path = join(directory, name);
    const status = look(path);
    if ('error' in status)
      problems.error(`cannot read ${path}: ${status.error}`, SOURCES, 'remove it, or make it readable');
    else if (status.isDirectory()) return filesIn(path, seen, problems);
    else if (status.isFile()) return [path];
    else problems.error(`${path} is neither a file nor a directory`, SOURCES, 'remove it from the inventory');
    return [];
  });
}
