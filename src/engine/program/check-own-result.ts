import type { Problems } from '../../core/diagnostic.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import { references } from '../../template/syntax/references.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { CompiledTask } from './compiled.ts';
import type { CompiledVars } from './scope.ts';

/**
 * Reports what an entry of a loop reads of the result that its own task registers, itself or by way of variables. In Ansible
 * that is the result of the entry before; here all entries are rendered before the first of them runs.
 * Defaults of roles are not looked into: the inventory and earlier tasks take precedence over them.
 * @param others the variables that are not the task's own: `-e`, and those of its play
 */
export function checkOwnResult(
  task: CompiledTask,
  { extra, play }: { readonly extra: CompiledVars; readonly play: CompiledVars },
  problems: Problems,
): void {
  const { register, loop, when, params, environment, delegateTo, ignoreErrors, checkMode } = task;
  if (register === undefined || !loop) return;
  const read = [...when, params, ...environment, ...(delegateTo ? [delegateTo] : []), ...ignoreErrors, ...checkMode];
  const layers = [extra, task.vars, play];
  const ofLoop = new Set([loop.variable, ...(loop.index === undefined ? [] : [loop.index])]);
  const found = read.find((value) => namesReadBy(value, layers, ofLoop).has(register));
  if (!found) return;
  problems.error(
    `an entry of a loop cannot use '${register}', which its own task registers`,
    'range' in found ? found.range : task.range,
    'to end the loop after an entry, write break_when in loop_control; for an earlier result, register this one under another name',
  );
}

/** The names that a value uses, and those that the variables use that it names. @param layers the strongest first */
function namesReadBy(
  value: CompiledValue | Expression,
  layers: readonly CompiledVars[],
  known: ReadonlySet<string>,
): ReadonlySet<string> {
  const names = new Set<string>();
  const open = [value];
  for (let next = open.pop(); next; next = open.pop()) {
    const { required, optional } = references(next);
    for (const name of [...required, ...optional]) {
      if (names.has(name) || known.has(name)) continue;
      names.add(name);
      const variable = layers.map((layer) => layer.get(name)).find((one) => one !== undefined);
      if (variable) open.push(variable);
    }
  }
  return names;
}
