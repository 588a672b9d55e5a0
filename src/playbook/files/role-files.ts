import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

/** In the order in which Ansible looks for them. */
const ENDS = ['.yml', '.yaml', '.json', ''];

/** The file of a role with one of these names, if it exists. */
export function roleFile(directory: string, folder: string, file = 'main'): string | undefined {
  return placesOf(directory, folder, file).find((path) => existsSync(path) && !statSync(path).isDirectory());
}

/** The files with the variables of a role, later ones taking precedence: `main.yml`, or all files of a directory `main`. */
export function roleVariableFiles(directory: string, folder: string): readonly string[] {
  const found = placesOf(directory, folder, 'main').find(existsSync);
  if (found === undefined) return [];
  return statSync(found).isDirectory() ? filesBelow(found) : [found];
}

function placesOf(directory: string, folder: string, file: string): readonly string[] {
  return ENDS.map((end) => join(directory, folder, `${file}${end}`));
}

/** As in Ansible: by name, without hidden files, backups and files of other kinds. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.') && !name.endsWith('~'))
    .sort()
    .flatMap((name) => {
      const path = join(directory, name);
      if (!existsSync(path)) return [];
      if (statSync(path).isDirectory()) return extname(name) === '' ? filesBelow(path) : [];
      return ENDS.includes(extname(name)) ? [path] : [];
    });
}
