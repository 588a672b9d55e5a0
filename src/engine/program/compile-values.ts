import type { Problems } from '../../core/diagnostic.ts';
import type { Located } from '../../core/source.ts';
import type { Tree } from '../../core/yaml/yaml.ts';
import { compileJson, compileTree } from '../../template/compile.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import { parseExpression } from '../../template/syntax/parse.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { CompiledVars } from './scope.ts';

/** Compiles conditions, which have no braces in a playbook. */
export function compileExpressions(list: readonly Located<string>[], problems: Problems): readonly Expression[] {
  return list.flatMap((located) => compileExpression(located, problems) ?? []);
}

function compileExpression({ value, range }: Located<string>, problems: Problems): Expression | undefined {
  const exact = range.file.text.slice(range.start, range.start + value.length) === value;
  const quoted = range.file.text.slice(range.start + 1, range.start + 1 + value.length) === value;
  const start = exact ? range.start : quoted ? range.start + 1 : undefined;
  return parseExpression(value, { range, ...(start !== undefined && { start }) }, problems);
}

/** Compiles the variables of a play, a block or a task. */
export function compileVars(vars: ReadonlyMap<string, Tree>, problems: Problems): CompiledVars {
  const compiled = new Map<string, CompiledValue>();
  for (const [name, tree] of vars) {
    const value = compileTree(tree, problems);
    if (name === 'kplay_cluster')
      problems.error(
        'kplay_cluster only has an effect in the vars of a group of the inventory',
        tree.range,
        'put it there, or remove it',
      );
    if (value) compiled.set(name, value);
  }
  return compiled;
}

/** Compiles a text that may be a template. */
export function compileText({ value, range }: Located<string>, problems: Problems): CompiledValue | undefined {
  return compileJson(value, range, problems);
}
