import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Problems } from '../core/diagnostic.ts';
import type { Located } from '../core/source.ts';
import { readTextFile } from '../core/text-file.ts';
import { parseYaml, type Tree } from '../core/yaml.ts';
import { withHints } from '../core/yaml-hints.ts';
import type { StepCatalogue } from './catalogue.ts';
import { isNothing } from './reader.ts';

/** What reading a playbook needs. */
export interface Reading {
  readonly catalogue: StepCatalogue;
  readonly problems: Problems;
  /** The files that are being read, each named by the one before it. */
  readonly chain: readonly string[];
}

/**
 * The tasks of a file that a task names; its path is taken from where that task stands. Undefined when it cannot be read, or
 * is being read already, which has then been reported.
 */
export function readTaskFile(
  { value, range }: Located<string>,
  { problems, chain }: Reading,
): { readonly path: string; readonly items: readonly Tree[] } | undefined {
  if (value.includes('{{')) {
    problems.error(
      'the name of a file of tasks cannot be a template',
      range,
      'name one file for each case, each with its when',
    );
    return undefined;
  }
  const path = isAbsolute(value) ? value : join(dirname(range.file.path), value);
  if (chain.some((open) => resolve(open) === resolve(path))) {
    problems.error(`${value} includes itself`, range, 'end the circle: write the tasks where they are needed');
    return undefined;
  }
  const found = new Problems();
  const source = readTextFile(path, 'task file', found);
  for (const { message, hint } of found.all) problems.error(message, range, hint);
  if (!source) return undefined;
  const syntax = new Problems();
  const tree = parseYaml(source, syntax, 'kplay');
  for (const { severity, message, range: place, hint } of withHints(syntax.all))
    problems[severity](message, place, hint);
  if (syntax.hasErrors) return undefined;
  if (!tree || isNothing(tree)) return { path, items: [] };
  if (tree.kind === 'sequence') return { path, items: tree.items };
  problems.error(`${path} is not a list of tasks`, source.range(0, 0), 'begin each task with - name: …');
  return undefined;
}
