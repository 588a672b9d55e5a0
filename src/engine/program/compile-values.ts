import { CONNECTION_VARIABLES } from '../../core/connection-variables.ts';
import type { Diagnostic, Problems } from '../../core/diagnostic.ts';
import { reservation } from '../../core/reserved-variables.ts';
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

/** Why a playbook cannot set a variable; undefined if it can. */
export function misplacement(name: string): Pick<Diagnostic, 'message' | 'hint'> | undefined {
  if (!CONNECTION_VARIABLES.has(name)) return reservation(name);
  return {
    message: `${name} only has an effect in the inventory, or with -e: kplay connects before a playbook can set it`,
    hint: name === 'ansible_become' ? 'write become: true for the play or the task' : 'put it there, or remove it',
  };
}

/** Reports the name of a variable that a playbook cannot set. */
export function checkName(name: Located<string> | undefined, problems: Problems): void {
  const misplaced = name && misplacement(name.value);
  if (misplaced) problems.error(misplaced.message, name.range, misplaced.hint);
}

/** Compiles the variables of a play, a block or a task. */
export function compileVars(vars: ReadonlyMap<string, Tree>, problems: Problems): CompiledVars {
  const compiled = new Map<string, CompiledValue>();
  for (const [name, tree] of vars) {
    const value = compileTree(tree, problems);
    const misplaced = misplacement(name);
    if (misplaced) problems.error(misplaced.message, tree.range, misplaced.hint);
    if (value) compiled.set(name, value);
  }
  return compiled;
}

/** Compiles a text that may be a template. */
export function compileText({ value, range }: Located<string>, problems: Problems): CompiledValue | undefined {
  return compileJson(value, range, problems);
}
