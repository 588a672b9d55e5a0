import { CONNECTION_VARIABLES } from '../../core/connection-variables.ts';
import type { Diagnostic, Problems } from '../../core/diagnostic.ts';
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

/** Variables that always have the value that kplay gives them: in Ansible, too, whatever a playbook sets them to. */
const RESERVED: ReadonlySet<string> = new Set(
  [
    'groups hostvars vars omit playbook_dir play_hosts ansible_play_hosts ansible_play_hosts_all ansible_play_batch',
    'ansible_play_name ansible_run_tags ansible_skip_tags ansible_version ansible_check_mode',
  ].flatMap((names) => names.split(' ')),
);

/** Why a playbook cannot set a variable; undefined if it can. */
export function misplacement(name: string): Pick<Diagnostic, 'message' | 'hint'> | undefined {
  if (name === 'kplay_cluster')
    return {
      message: 'kplay_cluster only has an effect in the vars of a group of the inventory',
      hint: 'put it there, or remove it',
    };
  if (RESERVED.has(name)) return { message: `${name} is a variable that kplay itself sets`, hint: 'use another name' };
  if (!CONNECTION_VARIABLES.has(name)) return undefined;
  return {
    message: `${name} only has an effect in the inventory, or with -e: kplay connects before a playbook can set it`,
    hint: name === 'ansible_become' ? 'write become: true for the play or the task' : 'put it there, or remove it',
  };
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
