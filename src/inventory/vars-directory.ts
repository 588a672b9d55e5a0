import { basename, extname, join } from 'node:path';
import type { Problems } from '../core/diagnostic.ts';
import { isEntry } from '../core/entry.ts';
import type { Json } from '../core/json.ts';
import type { Located } from '../core/source.ts';
import { readTextFile } from '../core/text-file.ts';
import { describeKind, parseAnsibleYaml } from './ansible-yaml.ts';
import { listDirectory, look } from './file-system.ts';
import type { InventoryVariables } from './inventory.ts';
import { assignments, checkVariableName, PRIORITY } from './variables.ts';

/** In the order in which Ansible tries them; only the first existing file counts. */
const EXTENSIONS = ['', '.yml', '.yaml', '.json'];

type Kind = 'group_vars' | 'host_vars';

/** The `group_vars` and `host_vars` beside an inventory. Each file is read once, on first use. */
export class VarsDirectory {
  readonly #directory: string;
  readonly #problems: Problems;
  readonly #names = new Map<Kind, ReadonlySet<string>>();
  readonly #variables = new Map<string, InventoryVariables>();

  constructor(directory: string, problems: Problems) {
    this.#directory = directory;
    this.#problems = problems;
  }

  ofGroup(name: string): InventoryVariables {
    return this.#read('group_vars', name);
  }

  ofHost(name: string): InventoryVariables {
    return this.#read('host_vars', name);
  }

  #read(kind: Kind, name: string): InventoryVariables {
    const key = join(kind, name);
    const known = this.#variables.get(key);
    if (known) return known;
    const variables = new Map<string, Located<Json>>();
    for (const file of this.#files(kind, name)) this.#readFile(kind, file, variables);
    this.#variables.set(key, variables);
    return variables;
  }

  #files(kind: Kind, name: string): readonly string[] {
    const existing = this.#list(kind);
    const [first, ...ignored] = EXTENSIONS.map((extension) => name + extension).filter((file) => existing.has(file));
    if (first === undefined) return [];
    const path = join(this.#directory, kind, first);
    for (const file of ignored) {
      const message = `${join(this.#directory, kind, file)} is ignored because ${path} exists`;
      this.#problems.warning(
        message,
        undefined,
        `move it to a directory ${kind}/${name}/, in which all files are read`,
      );
    }
    return this.#isDirectory(path) ? this.#filesIn(path, new Set()) : [path];
  }

  /** The names in `group_vars` or `host_vars`: listed once, however many hosts there are. */
  #list(kind: Kind): ReadonlySet<string> {
    const known = this.#names.get(kind);
    if (known) return known;
    const path = join(this.#directory, kind);
    const status = look(path);
    const isThere = !('error' in status);
    const isFile = isThere && !status.isDirectory();
    if (isFile)
      this.#problems.warning(`${path} is not a directory and is ignored`, undefined, `write ${kind}/NAME.yml`);
    const isListed = isThere ? !isFile : isEntry(path);
    const set = new Set(isListed ? listDirectory(path, new Set(), this.#problems) : []);
    this.#names.set(kind, set);
    return set;
  }

  #filesIn(directory: string, seen: Set<string>): readonly string[] {
    const names = listDirectory(directory, seen, this.#problems).filter((name) => !/^\.|~$/.test(name));
    return names.flatMap((name) => {
      const path = join(directory, name);
      if (this.#isDirectory(path)) return extname(name) === '' ? this.#filesIn(path, seen) : [];
      return EXTENSIONS.includes(extname(name)) ? [path] : [];
    });
  }

  #isDirectory(path: string): boolean {
    const status = look(path);
    return !('error' in status) && status.isDirectory();
  }

  #readFile(kind: Kind, path: string, into: Map<string, Located<Json>>): void {
    const source = readTextFile(path, 'variables file', this.#problems);
    const tree = source && parseAnsibleYaml(source, this.#problems);
    if (!tree) return;
    if (tree.kind !== 'mapping') {
      const message = `${basename(path)} must be a mapping of variables, not ${describeKind(tree)}`;
      this.#problems.error(message, tree.range, 'write each variable as name: value');
      return;
    }
    for (const { name, value } of assignments(tree)) {
      checkVariableName(name, this.#problems);
      if (kind === 'group_vars' && name.value === PRIORITY) {
        const hint = `set ${PRIORITY} in the vars of the group in the inventory file`;
        this.#problems.warning(`${PRIORITY} has no effect in group_vars`, name.range, hint);
      }
      into.set(name.value, value);
    }
  }
}
