import { dirname, isAbsolute, join } from 'node:path';
import { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { readTextFile, type TextKind } from '../../core/text-file.ts';
import { parseYaml, type Tree } from '../../core/yaml/yaml.ts';
import { withHints } from '../../core/yaml/yaml-hints.ts';
import type { VariableTrees } from '../model.ts';
import { isNothing } from '../readers/reader.ts';

/** The path of a file named in a playbook: relative to the directory of the file that names it. */
export function pathFrom({ value, range }: Located<string>): string {
  return isAbsolute(value) ? value : join(dirname(range.file.path), value);
}

/**
 * The content of a YAML file; undefined if it is empty.
 * @param named where the playbook names it: failures to read it are reported there, mistakes inside in the file itself
 */
export function readYamlFile(
  path: string,
  what: TextKind,
  named: SourceRange,
  problems: Problems,
): { readonly tree: Tree | undefined } | undefined {
  const source = readTextFile(path, what, problems, { named });
  if (!source) return undefined;
  const syntax = new Problems();
  const tree = parseYaml(source, syntax, 'ansible');
  problems.addAll(withHints(syntax.all));
  if (syntax.hasErrors) return undefined;
  return { tree: tree && !isNothing(tree) ? tree : undefined };
}

/** The variables of a file. */
export function readVariablesFile(path: string, named: SourceRange, problems: Problems): VariableTrees {
  const read = readYamlFile(path, 'variables file', named, problems);
  if (!read?.tree) return new Map();
  if (read.tree.kind === 'mapping') return new Map(read.tree.entries.map(({ key, value }) => [key, value]));
  problems.error('a variables file must be a mapping', read.tree.range, 'write each as name: value');
  return new Map();
}
