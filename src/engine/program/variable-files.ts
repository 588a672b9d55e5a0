import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { Problems } from '../../core/diagnostic.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { SourceFile } from '../../core/source.ts';
import { readTextFile } from '../../core/text-file.ts';
import { refusesVault } from '../../core/yaml/vault.ts';
import { type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import { readVariablesFile } from '../../playbook/files/yaml-file.ts';
import { compileTree } from '../../template/compile.ts';
import { Complaint, TemplateError } from '../../template/errors.ts';
import { Budget } from '../../template/machine.ts';
import { firstMatch } from '../../template/regex/regex.ts';
import type { CompiledValue } from '../../template/template.ts';
import { misplacement } from './compile-values.ts';
import type { CompiledTask } from './compiled.ts';
import { IncludedVariable } from './included-variable.ts';
import type { CompiledVars } from './scope.ts';
import { searchPath } from './search-path.ts';

/** The variables that an `include_vars` task includes on a host. */
export interface IncludedVariables {
  readonly variables: ReadonlyMap<string, IncludedVariable>;
  readonly files: readonly string[];
  /** As written, including templates. */
  readonly written: JsonObject;
}

type Read = ReadonlyMap<string, { readonly tree: Tree; readonly variable: IncludedVariable }>;

/** The files of variables that tasks include. Each is read once, for all hosts, plan and run. */
export class VariableFiles {
  readonly #listeners: ((variables: CompiledVars) => void)[] = [];
  /** By path. */
  readonly read = new Map<string, Read>();
  /** Other files that were read, by path. */
  readonly texts = new Map<string, SourceFile>();
  /** Those that tasks with `no_log` read, by path. */
  readonly hidden = new Set<string>();

  /** The variables of all files that have been read. */
  get all(): readonly CompiledVars[] {
    return [...this.read.values()].map(compiled);
  }

  /** Calls the listener with the variables of every file, including those already read. */
  listen(listener: (variables: CompiledVars) => void): void {
    for (const file of this.all) listener(file);
    this.#listeners.push(listener);
  }

  /** The text of another file, as of its first read. @throws {TemplateError} when it cannot be read, or is encrypted */
  text(path: string, { range, noLog }: CompiledTask): string {
    if (noLog) this.hidden.add(path);
    const known = this.texts.get(path);
    if (known) return known.text;
    const problems = new Problems();
    const source = readTextFile(path, 'file', problems);
    const isEncrypted = source && refusesVault(source, problems);
    const [wrong] = problems.all;
    if (!source || isEncrypted)
      throw new TemplateError(wrong?.message ?? `cannot read ${path}`, wrong?.range ?? range, wrong?.hint);
    this.texts.set(path, source);
    return source.text;
  }

  /**
   * Resolves rendered parameters of include_vars.
   * @throws {TemplateError} when there is no such file, or it has an error
   */
  include(params: JsonObject, task: CompiledTask, playbook: string): IncludedVariables {
    const { file, dir, name } = params;
    const paths =
      typeof file === 'string'
        ? [fileAt(file, task, playbook)]
        : filesIn(directoryAt(String(dir), task, playbook), params, task);
    const all: Read = new Map(paths.flatMap((path) => [...this.#file(path, task)]));
    const written = Object.fromEntries([...all].map(([key, { tree }]): [string, Json] => [key, treeToJson(tree)]));
    // The directory is as the playbook was named; Ansible registers absolute paths.
    const files = paths.map((path) => resolve(path));
    if (typeof name !== 'string') {
      for (const [key, { tree }] of all) {
        const misplaced = misplacement(key);
        if (misplaced) throw new TemplateError(misplaced.message, tree.range, misplaced.hint);
      }
      return { variables: new Map([...all].map(([key, { variable }]) => [key, variable])), files, written };
    }
    const misplaced = misplacement(name);
    if (misplaced) throw new TemplateError(misplaced.message, task.range, misplaced.hint);
    const entries = [...compiled(all)];
    const value: CompiledValue = { kind: 'mapping', entries, range: task.range };
    return { variables: new Map([[name, new IncludedVariable(value)]]), files, written: { [name]: written } };
  }

  #file(path: string, task: CompiledTask): Read {
    const known = this.read.get(path);
    if (known) return known;
    const problems = new Problems();
    const trees = readVariablesFile(path, task.range, problems);
    const read = new Map(
      [...trees].flatMap(([key, tree]) => {
        const value = compileTree(tree, problems);
        return value ? [[key, { tree, variable: new IncludedVariable(value) }] as const] : [];
      }),
    );
    const problem = problems.all.find(({ severity }) => severity === 'error');
    if (problem) throw new TemplateError(problem.message, problem.range ?? task.range, problem.hint);
    this.read.set(path, read);
    for (const listener of this.#listeners) listener(compiled(read));
    return read;
  }
}

function compiled(read: Read): CompiledVars {
  return new Map([...read].map(([key, { variable }]) => [key, variable.value]));
}

/** Where Ansible searches for a file of variables, in its order. */
function fileAt(name: string, task: CompiledTask, playbook: string): string {
  if (isAbsolute(name)) return name;
  const places = searchPath('vars', task, playbook);
  const found = places.map((place) => join(place, name)).find(existsSync);
  if (found !== undefined) return found;
  throw new TemplateError(
    `the variables file ${name} does not exist`,
    task.range,
    `it is looked for in ${places.join(', ')}`,
  );
}

function directoryAt(name: string, { role, range }: CompiledTask, playbook: string): string {
  if (isAbsolute(name)) return name;
  const ofRole = role && join(role.path, name.split('/')[0] === 'vars' ? '' : 'vars', name);
  const places = ofRole === undefined ? [dirname(range.file.path), playbook].map((at) => join(at, name)) : [ofRole];
  return places.find(existsSync) ?? places[0] ?? name;
}

/** The selected files of a directory: directory by directory, sorted by name. */
function filesIn(root: string, params: JsonObject, task: CompiledTask): readonly string[] {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new TemplateError(`there is no directory ${root}`, task.range, 'use a directory with variables files');
  const { depth = 0, extensions = [], ignore_files: ignored = [], files_matching: wanted } = params;
  const endings = Array.isArray(extensions) ? extensions : [];
  const leftOut = Array.isArray(ignored) ? ignored : [];
  const matches = (pattern: Json, name: string): boolean => matchOf(String(pattern), name, task);
  const directories = [root, ...directoriesBelow(root)].sort();
  // As in Ansible, depth counts directories, whatever their nesting.
  const limited = typeof depth === 'number' && depth > 0 ? directories.slice(0, depth) : directories;
  return limited.flatMap((directory) =>
    namesIn(directory, 'others').flatMap((name): readonly string[] => {
      const path = join(directory, name);
      // The tasks of a role have its main.yml anyway.
      if (task.role && path === join(task.role.path, 'vars', 'main.yml')) return [];
      if (wanted !== undefined && !matches(wanted, name)) return [];
      if (leftOut.some((pattern) => matches(`${pattern}$`, name))) return [];
      if (endings.includes(extname(name).slice(1))) return [path];
      if (params['ignore_unknown_extensions'] === true) return [];
      throw new TemplateError(
        `${path} ends in none of ${endings.join(', ')}`,
        task.range,
        'skip it with ignore_files, or set ignore_unknown_extensions: true',
      );
    }),
  );
}

function directoriesBelow(directory: string): readonly string[] {
  return namesIn(directory, 'directories').flatMap((name) => {
    const path = join(directory, name);
    return [path, ...directoriesBelow(path)];
  });
}

function namesIn(directory: string, of: 'directories' | 'others'): readonly string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries.flatMap((one) => (one.isDirectory() === (of === 'directories') ? [one.name] : [])).sort();
}

function matchOf(pattern: string, name: string, { range }: CompiledTask): boolean {
  try {
    return firstMatch(name, pattern, {}, new Budget()) !== undefined;
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    throw new TemplateError(error.message, range, error.hint);
  }
}
