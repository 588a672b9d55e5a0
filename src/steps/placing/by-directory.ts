import { directoryOf } from '../../core/host-path.ts';
import { type ShellScript, sh } from '../../core/shell.ts';

/** Groups items by the directory of their path, so that one program handles a whole directory. */
export function byDirectory<Item>(
  items: readonly Item[],
  pathOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const directories = new Map<string, Item[]>();
  for (const item of items) {
    const directory = directoryOf(pathOf(item));
    const found = directories.get(directory);
    if (found) found.push(item);
    else directories.set(directory, [item]);
  }
  return directories;
}

/** A shell function that runs a program on paths of the host with a target directory, which is created if missing. */
export const INTO: ShellScript = sh`# into DIRECTORY PROGRAM OPTION PATH...
into() {
  to=$1 program=$2 option=$3
  shift 3
  mkdir -p "$to"
  for one; do
    set -- "$@" "$R$one"
    shift
  done
  "$program" "$option" "$@" "$to"
}`;
